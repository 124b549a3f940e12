// What the log's database contract leaves out: named parameters (`:user`). Nothing about notifications.

import type { SqlDatabase, SqlValue } from '../model/projection.js';

export type Parameters = Readonly<Record<string, SqlValue>>;

export interface NamedStatement {
  all(parameters: Parameters): unknown[];
  get(parameters: Parameters): unknown;
  run(parameters: Parameters): { readonly changes: number };
}

const namePattern = /:([a-z][a-zA-Z]*)/g;

/** The SQL with `?` in the places of names, and the names in order of place. */
export const positional = (sql: string): { readonly sql: string; readonly names: readonly string[] } => ({
  sql: sql.replaceAll(namePattern, '?'),
  names: [...sql.matchAll(namePattern)].map((match) => match[1] ?? ''),
});

export const prepareNamed = (db: SqlDatabase, sql: string): NamedStatement => {
  const { sql: text, names } = positional(sql);
  const statement = db.prepare(text);
  const place = (parameters: Parameters): readonly SqlValue[] =>
    names.map((name) => {
      const value = parameters[name];
      if (value === undefined) throw new Error(`the statement needs a value for :${name}`);
      return value;
    });
  return {
    all: (parameters) => statement.all(...place(parameters)),
    get: (parameters) => statement.get(...place(parameters)),
    run: (parameters) => statement.run(...place(parameters)),
  };
};
