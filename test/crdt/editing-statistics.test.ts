// Figures about all documents, against a plain recount of the log: while the tables behind them lag, after restarts and after a rebuild.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { documentIndex } from '../../src/crdt/document-index.js';
import { editingProjection, hourMs, hoursKept } from '../../src/crdt/editing-projection.js';
import { type EditingFigures, editingReader, editingStatisticsSql } from '../../src/crdt/editing-statistics.js';
import { rebuildProjections } from '../../src/log/maintenance.js';
import { compareProjections } from '../../src/log/projection-comparison.js';
import { databaseFile, type SqliteLog } from '../../src/log/sqlite-log.js';
import type { EventKind, LoggedEvent, NewEvent } from '../../src/model/events.js';
import { documentStream, systemActor } from '../../src/model/ids.js';
import { openLog, withFolder } from '../log/temporary-log.js';
import { documentIdOf, userIdOf } from '../support/document-log.js';
import { dice } from '../support/random.js';
import { chooseSeed } from '../support/seed.js';

const writerUrl = new URL('./editing-writer.js', import.meta.url);
const editKinds: readonly EventKind[] = ['edit', 'undo', 'redo', 'restored'];
const start = 400_000 * hourMs;

const recount = (events: readonly LoggedEvent[], sinceHour: number): EditingFigures => {
  const documents = new Map<string, { title: string; ownerId: string; bytes: number; edits: number; gone: boolean }>();
  const recent = new Map<string, { edits: number; editors: Set<string> }>();
  const editors = new Set<string>();
  let edits = 0;
  let bytes = 0;
  for (const { stream, kind, actor, at, payload, meta } of events) {
    if (!stream.startsWith('doc/')) continue;
    const id = stream.slice('doc/'.length);
    if (kind === 'created')
      documents.set(id, { title: String(meta?.['title']), ownerId: actor, bytes: 0, edits: 0, gone: false });
    const document = documents.get(id);
    if (!document) throw new Error(`${stream} has no beginning`);
    if (kind === 'deleted') document.gone = true;
    const isEdit = editKinds.includes(kind);
    if (!isEdit && kind !== 'created') continue;
    document.bytes += payload?.length ?? 0;
    bytes += payload?.length ?? 0;
    if (!isEdit) continue;
    document.edits += 1;
    edits += 1;
    if (actor !== systemActor) editors.add(actor);
    if (Math.floor(at / hourMs) < sinceHour) continue;
    const busy = recent.get(id) ?? { edits: 0, editors: new Set<string>() };
    busy.edits += 1;
    if (actor !== systemActor) busy.editors.add(actor);
    recent.set(id, busy);
  }
  const standing = [...documents].filter(([, { gone }]) => !gone);
  const byIds = (a: { documentId: string }, b: { documentId: string }) => (a.documentId < b.documentId ? -1 : 1);
  return {
    ...{ edits, editors: editors.size, bytes },
    largest: standing
      .map(([documentId, { gone: _, ...figures }]) => ({ documentId, ...figures }))
      .toSorted((a, b) => b.bytes - a.bytes || byIds(a, b))
      .slice(0, 10),
    busiest: standing
      .filter(([id]) => recent.has(id))
      .map(([documentId, { title, ownerId }]) => ({
        ...{ documentId, title, ownerId },
        edits: recent.get(documentId)?.edits ?? 0,
        editors: recent.get(documentId)?.editors.size ?? 0,
      }))
      .toSorted((a, b) => b.edits - a.edits || byIds(a, b))
      .slice(0, 10),
  };
};

const check = async (log: SqliteLog, now: number): Promise<void> => {
  const sinceHour = Math.floor(now / hourMs) - hoursKept;
  const expected = recount(await log.readAll(0, 1_000_000), sinceHour);
  assert.equal(JSON.parse(JSON.stringify(editingReader(log.db)(sinceHour))), JSON.parse(JSON.stringify(expected)));
};

test('the figures are what a recount of the log gives, at every moment', () =>
  withFolder(async (dataDir) => {
    const { below, chance, pick } = dice(chooseSeed());
    const people = ['alice', 'bob', 'carol', 'dave'].map(userIdOf).concat(systemActor);
    const documents: string[] = [];
    const deleted = new Set<string>();
    let now = start;
    let log = await openLog(dataDir, { writerUrl });
    try {
      for (let step = 0; step < 400; step += 1) {
        now += chance(0.1) ? below(6 * hourMs) : below(60_000);
        const events: NewEvent[] = [];
        for (let count = 1 + below(9); count > 0; count -= 1) {
          const isNew = documents.length < 3 || (documents.length < 30 && chance(0.1));
          if (isNew) documents.push(`d${documents.length}`);
          const name = isNew ? (documents.at(-1) ?? '') : pick(documents);
          if (deleted.has(name)) continue;
          const isDeleted = !isNew && chance(0.01) && documents.length - deleted.size > 3;
          if (isDeleted) deleted.add(name);
          const kind = isNew
            ? 'created'
            : isDeleted
              ? 'deleted'
              : chance(0.9)
                ? pick(editKinds)
                : pick(['locked', 'shared'] as const);
          const carriesUpdate = editKinds.includes(kind) ? chance(0.95) : kind === 'created' && chance(0.5);
          events.push({
            stream: documentStream(documentIdOf(name)),
            kind,
            actor: pick(people),
            at: now,
            payload: carriesUpdate ? new Uint8Array(1 + below(200)) : null,
            meta:
              kind === 'created'
                ? { title: `the ${name}`, serverClient: 1 }
                : kind === 'shared'
                  ? { userId: 'erin', role: 'viewer' }
                  : null,
          });
        }
        await log.append([{ events }]);
        if (step % 5 === 0) await check(log, now);
        if (chance(0.02)) {
          await log.close();
          log = await openLog(dataDir, { writerUrl });
          await check(log, now);
        }
      }
      assert.equal(compareProjections(databaseFile(dataDir), [documentIndex, editingProjection]), [], 'beside the log');
      await check(log, now + 30 * hourMs);
      await log.close();
      rebuildProjections(databaseFile(dataDir), [documentIndex, editingProjection]);
      log = await openLog(dataDir, { writerUrl });
      await check(log, now);
      assert.ok(deleted.size > 0 && documents.length > 20, 'documents came and went');
    } finally {
      await log.close();
    }
  }));

test('no question goes through the log: each searches an index, and the log behind an id alone', () =>
  withFolder(async (dataDir) => {
    const log = await openLog(dataDir, { writerUrl });
    try {
      for (const sql of Object.values(editingStatisticsSql)) {
        const places = Array<number>(sql.split('?').length - 1).fill(0);
        const plan = log.db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...places) as { readonly detail: string }[];
        const scans = plan.filter(({ detail }) => detail.startsWith('SCAN'));
        // The tail is at most a few thousand events, editing_hour what was edited within a day; `e` is walked by bytes, from the largest, until there are ten.
        const bounded =
          /^SCAN (tail|t|c|b|top|sums|since|editing_hour|CONSTANT ROW|\(subquery-\d+\)|e USING (COVERING )?INDEX editing_document_bytes)$/;
        assert.equal(
          scans.filter(({ detail }) => !bounded.test(detail)),
          [],
          sql,
        );
        assert.ok(plan.some(({ detail }) => detail.startsWith('SEARCH event USING INTEGER PRIMARY KEY (rowid>?')));
      }
    } finally {
      await log.close();
    }
  }));

test.run();
