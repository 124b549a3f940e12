// Reads the SQLite file of Hocuspocus (@hocuspocus/extension-sqlite): one row a document, its whole state as one Yjs update (V1).

import Database from 'better-sqlite3';
import { LogRefused } from './connection.js';

const documentsSql = 'SELECT name, data FROM documents ORDER BY name';

/** Throws `LogRefused` for any other database. */
export const readHocuspocusFile = (
  file: string,
): readonly { readonly name: string; readonly updates: readonly Uint8Array[] }[] => {
  const db = new Database(file, { readonly: true, fileMustExist: true });
  try {
    const rows = db.prepare(documentsSql).all() as { readonly name: unknown; readonly data: unknown }[];
    return rows.map(({ name, data }) => {
      if (typeof name === 'string' && data instanceof Uint8Array) return { name, updates: [data] };
      throw new LogRefused(`${file} has a document that is not as Hocuspocus stores it: ${JSON.stringify(name)}.`);
    });
  } catch (error) {
    if (!(error instanceof Database.SqliteError)) throw error;
    throw new LogRefused(`${file} cannot be read as a database of Hocuspocus: ${error.message}.`, { cause: error });
  } finally {
    db.close();
  }
};
