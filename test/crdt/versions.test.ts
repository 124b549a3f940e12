import Database from 'better-sqlite3';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  findVersionSql,
  listVersionsSql,
  versionMetaJson,
  versionProjection,
  versionQueries,
} from '../../src/crdt/versions.js';
import type { SqlDatabase } from '../../src/model/projection.js';
import { DocumentLog, documentIdOf, userIdOf } from '../support/document-log.js';

const alice = userIdOf('alice');

const open = () => {
  const db = new Database(':memory:');
  // Its type's overloads hide that it has this shape.
  const sql = db as unknown as SqlDatabase;
  db.exec(versionProjection.schema);
  const log = new DocumentLog();
  const apply = versionProjection.open(sql);
  const add = (meta: Parameters<typeof versionMetaJson>[0]) =>
    apply(log.append({ actor: alice, at: 100 + log.seq, kind: 'version', meta: versionMetaJson(meta) }));
  return { db, log, add, queries: versionQueries(sql) };
};

test('versions are named, renamed and deleted', () => {
  const { log, add, queries } = open();
  add({ action: 'create', name: 'draft', seq: 0 });
  add({ action: 'create', name: 'final', seq: 1 });
  add({ action: 'rename', version: 1, name: 'first draft' });
  const page = { after: 0, limit: 10 };
  assert.equal(queries.list(log.id, page), [
    { id: 1, name: 'first draft', seq: 0, at: 100, actor: alice },
    { id: 2, name: 'final', seq: 1, at: 101, actor: alice },
  ]);
  assert.equal(queries.list(log.id, { after: 1, limit: 10 }).length, 1);
  add({ action: 'delete', version: 2 });
  assert.is(queries.find(log.id, 2), null);
  assert.is(queries.find(log.id, 1)?.name, 'first draft');
  assert.equal(queries.list(documentIdOf('other'), page), []);
});

test('version queries search an index', () => {
  const { db } = open();
  for (const sql of [listVersionsSql, findVersionSql]) {
    const parameters = Array.from(sql.matchAll(/\?/g), () => 1);
    const plan = db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...parameters) as { readonly detail: string }[];
    assert.ok(
      plan.every(({ detail }) => detail.startsWith('SEARCH')),
      JSON.stringify(plan),
    );
  }
});

test.run();
