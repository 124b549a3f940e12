// Checks a database from end to end, for `contrail verify`: SQLite's own structure, the tables' definitions, the crc of every event, seqs,
// times and ids, checkpoints, projections. Works on one snapshot, beside a running server, and goes on past what cannot be read. Replaying
// documents is the caller's.

import Database from 'better-sqlite3';
import type { LoggedEvent } from '../model/events.js';
import type { AnyProjection } from '../model/projection.js';
import { type CheckpointRow, stateOfRow } from './checkpoint-state.js';
import { openForReading } from './connection.js';
import { type EventRow, eventOfRow, rowIsIntact } from './event-record.js';
import { EventScan } from './event-scan.js';
import { compareProjections } from './projection-comparison.js';
import { migrations, readStatements, verifyStatements } from './statements.js';

export type FindingKind =
  | 'structure'
  | 'event'
  | 'gap'
  | 'time'
  | 'order'
  | 'index'
  | 'checkpoint'
  | 'projection'
  | 'count'
  | 'replay';

export interface Finding {
  readonly kind: FindingKind;
  /** Where it is, as far as that is known. */
  readonly stream: string | null;
  readonly seq: number | null;
  readonly detail: string;
}

/** A stream that was seen, and what is known of it from the events. */
export interface SeenStream {
  readonly stream: string;
  readonly checkpoints: readonly number[];
}

export interface VerifyOptions {
  /** Compared with a fresh build from the events. */
  readonly projections?: readonly AnyProjection[];
  /** Every intact event, in order of id. What it returns is reported as well. */
  readonly onEvent?: (event: LoggedEvent) => readonly Finding[];
  /** Called after each page with how far it is, in ids. */
  readonly onProgress?: (id: number, lastId: number) => void;
  /** Every stream, once all events were seen, so that the caller can look into it. */
  readonly onStream?: (seen: SeenStream) => void;
}

const maxNamedGap = 100_000;
const maxIndexFindings = 100;

interface Seen {
  seq: number;
  at: number;
  checkpoints: number[];
}

const finding = (
  kind: FindingKind,
  detail: string,
  stream: string | null = null,
  seq: number | null = null,
): Finding => ({
  kind,
  stream,
  seq,
  detail,
});

/** Yields what is wrong, as it is found; yields nothing for a sound database. Throws `LogRefused` for what is no Contrail database. */
export function* verifyLog(file: string, options: VerifyOptions = {}): Generator<Finding, void> {
  const projections = options.projections ?? [];
  yield* unlessCorrupt(null, function* () {
    const db = openForReading(file);
    try {
      db.exec('BEGIN');
      const streams = new Map<string, Seen>();
      yield* unlessCorrupt('the definitions of the tables', () => verifySchema(db, projections));
      yield* unlessCorrupt('the pages', () => verifyStructure(db));
      yield* unlessCorrupt('the events', () => verifyEvents(db, streams, options));
      yield* unlessCorrupt('the index of streams', () => verifyIndex(db));
      yield* unlessCorrupt('the checkpoints', () => verifyCheckpoints(db, streams));
      for (const [stream, { checkpoints }] of streams) options.onStream?.({ stream, checkpoints });
    } finally {
      db.close();
    }
  });
  for (const projection of projections) {
    const about = `the projection ${projection.name}`;
    yield* unlessCorrupt(about, () => verifyProjection(file, projection), 'projection');
  }
}

/** What SQLite itself cannot read is a finding, and the check goes on with the next part. */
function* unlessCorrupt(
  about: string | null,
  check: () => Iterable<Finding>,
  kind: FindingKind = 'structure',
): Generator<Finding, void> {
  try {
    yield* check();
  } catch (error) {
    if (!(error instanceof Database.SqliteError)) throw error;
    yield finding(kind, about === null ? error.message : `${about} cannot be read to the end: ${error.message}`);
  }
}

/** A definition that was changed would be believed by SQLite. */
function* verifySchema(db: Database.Database, projections: readonly AnyProjection[]): Generator<Finding, void> {
  const definitions = (database: Database.Database): ReadonlyMap<string, string> =>
    new Map(
      (database.prepare(verifyStatements.schema).all() as { name: string; sql: string }[]).map(({ name, sql }) => [
        name,
        sql,
      ]),
    );
  const state = db.prepare(readStatements.projectionState);
  const current = projections.filter(
    ({ name, version }) => (state.get(name) as { version: number } | undefined)?.version === version,
  );
  const fresh = new Database(':memory:');
  try {
    for (const sql of [...migrations, ...current.map(({ schema }) => schema)]) fresh.exec(sql);
    const found = definitions(db);
    for (const [name, sql] of definitions(fresh)) {
      if (found.get(name) !== sql)
        yield finding('structure', `${name} is ${found.has(name) ? 'not defined as it should be' : 'missing'}`);
    }
  } finally {
    fresh.close();
  }
}

function* verifyStructure(db: Database.Database): Generator<Finding, void> {
  for (const row of db.pragma('integrity_check(100)') as { readonly integrity_check: string }[]) {
    if (row.integrity_check !== 'ok') yield finding('structure', row.integrity_check);
  }
}

function* verifyEvents(
  db: Database.Database,
  streams: Map<string, Seen>,
  { onEvent, onProgress }: VerifyOptions,
): Generator<Finding, void> {
  const firstCheckpoint = db.prepare<unknown[]>(readStatements.firstCheckpoint).pluck();
  const scan = new EventScan(db);
  const gaps: { readonly stream: string; readonly from: number; readonly to: number; readonly detail: string }[] = [];
  for (const rows of scan.pages()) {
    for (const row of rows) {
      const { stream, seq } = row;
      if (!rowIsIntact(row)) {
        scan.addDamaged(row);
        continue;
      }
      if (onEvent) yield* onEvent(eventOfRow(row));
      const before = streams.get(stream);
      if (!before && seq > 1 && firstCheckpoint.get(stream, seq) === undefined) {
        gaps.push({ stream, from: 1, to: seq - 1, detail: 'are missing and no checkpoint covers them' });
      } else if (before && seq <= before.seq)
        yield finding('order', `follows seq ${before.seq} in order of id`, stream, seq);
      else if (before && seq > before.seq + 1)
        gaps.push({ stream, from: before.seq + 1, to: seq - 1, detail: 'are missing' });
      if (before && row.at < before.at) yield finding('time', 'its time goes back', stream, seq);
      streams.set(stream, { seq, at: row.at, checkpoints: [] });
    }
    onProgress?.(rows.at(-1)?.id ?? 0, scan.lastId);
  }
  const lost = new Set<string>();
  for (const { stream, seq, detail } of scan.lost()) {
    yield finding('event', detail, stream, seq);
    if (stream === null || seq === null) continue;
    lost.add(`${seq} ${stream}`);
    const seen = streams.get(stream);
    if (!seen || seen.seq < seq) streams.set(stream, { seq, at: seen?.at ?? 0, checkpoints: [] });
  }
  for (const { stream, from, to, detail } of gaps) {
    const seqs = Array.from({ length: Math.min(to - from + 1, maxNamedGap) }, (_, index) => from + index);
    if (seqs.every((seq) => lost.has(`${seq} ${stream}`))) continue;
    yield finding('gap', `seqs ${from} to ${to} ${detail}`, stream, to + 1);
  }
  yield* verifyHeads(db, streams);
  const counted = Number(db.prepare(readStatements.streamCount).pluck().get() ?? 0);
  if (counted !== streams.size) {
    yield finding('count', `${counted} streams are counted, ${streams.size} are there`);
  }
}

/** The newest event of a stream is found through the index: one that the index has lost would never be missed. */
function* verifyHeads(db: Database.Database, streams: ReadonlyMap<string, Seen>): Generator<Finding, void> {
  const head = db.prepare<unknown[]>(readStatements.lastEvent);
  for (const [stream, { seq }] of streams) {
    try {
      const found = (head.get({ stream }) as EventRow | undefined)?.seq ?? 0;
      if (found !== seq) yield finding('structure', `the index says that seq ${found} is the last one`, stream, seq);
    } catch (error) {
      if (!(error instanceof Database.SqliteError)) throw error;
      yield finding('event', `the last event cannot be read: ${error.message}`, stream, seq);
    }
  }
}

function* verifyIndex(db: Database.Database): Generator<Finding, void> {
  const find = (sql: string, detail: string) =>
    (db.prepare<unknown[]>(sql).all(maxIndexFindings) as { readonly stream: string; readonly seq: number }[]).map(
      ({ stream, seq }) => finding('index', detail, stream, seq),
    );
  yield* find(verifyStatements.strayEntries, 'the index of streams leads to another event, or to none');
  yield* find(verifyStatements.missingEntries, 'the index of streams lacks it; a rebuild mends that');
}

function* verifyCheckpoints(db: Database.Database, streams: ReadonlyMap<string, Seen>): Generator<Finding, void> {
  const rows = db.prepare(verifyStatements.checkpoints).iterate() as IterableIterator<
    CheckpointRow & { stream: string }
  >;
  for (const row of rows) {
    const { stream, seq } = row;
    const seen = streams.get(stream);
    if (stateOfRow(stream, row) === null) yield finding('checkpoint', 'does not match its crc', stream, seq);
    else seen?.checkpoints.push(seq);
    if (seq > (seen?.seq ?? 0)) yield finding('checkpoint', `lies beyond the head ${seen?.seq ?? 0}`, stream, seq);
  }
}

function* verifyProjection(file: string, projection: AnyProjection): Generator<Finding, void> {
  for (const { table, detail } of compareProjections(file, [projection])) {
    yield finding('projection', `${projection.name}, table ${table}: ${detail}`);
  }
}
