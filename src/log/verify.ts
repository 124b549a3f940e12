// Checks a database from end to end, for `contrail verify`: SQLite's own structure, the crc of every event, seqs, times and ids,
// checkpoints, projections. Works on one snapshot, beside a running server. Replaying documents is the caller's: `onEvent` sees all.

import type Database from 'better-sqlite3';
import type { LoggedEvent } from '../model/events.js';
import type { Projection } from '../model/projection.js';
import { type CheckpointRow, stateOfRow } from './checkpoint-state.js';
import { openForReading } from './connection.js';
import { type EventRow, eventOfRow, rowIsIntact } from './event-record.js';
import { compareProjections } from './projection-comparison.js';
import { readStatements, verifyStatements } from './statements.js';

export type FindingKind = 'structure' | 'event' | 'gap' | 'time' | 'order' | 'checkpoint' | 'projection' | 'count';

export interface Finding {
  readonly kind: FindingKind;
  /** Where it is, as far as that is known. */
  readonly stream: string | null;
  readonly seq: number | null;
  readonly detail: string;
}

export interface VerifyOptions {
  /** Compared with a fresh build from the events. */
  readonly projections?: readonly Projection[];
  /** Every intact event, in order of id. What it returns is reported as well. */
  readonly onEvent?: (event: LoggedEvent) => readonly Finding[];
  /** Called after each page with how far it is, in ids. */
  readonly onProgress?: (id: number, lastId: number) => void;
}

const pageEvents = 1_000;

interface Seen {
  seq: number;
  at: number;
}

/** Yields what is wrong, as it is found; yields nothing for a sound database. */
export function* verifyLog(file: string, options: VerifyOptions = {}): Generator<Finding, void> {
  const db = openForReading(file);
  try {
    db.exec('BEGIN');
    yield* verifyStructure(db);
    yield* verifyEvents(db, options);
    yield* verifyCheckpoints(db);
  } finally {
    db.close();
  }
  for (const { projection, table, detail } of compareProjections(file, options.projections ?? [])) {
    yield { kind: 'projection', stream: null, seq: null, detail: `${projection}, table ${table}: ${detail}` };
  }
}

function* verifyStructure(db: Database.Database): Generator<Finding, void> {
  for (const row of db.pragma('integrity_check(100)') as { readonly integrity_check: string }[]) {
    if (row.integrity_check === 'ok') continue;
    yield { kind: 'structure', stream: null, seq: null, detail: row.integrity_check };
  }
}

function* verifyEvents(db: Database.Database, { onEvent, onProgress }: VerifyOptions): Generator<Finding, void> {
  const statement = db.prepare<unknown[]>(readStatements.eventsOfAllAfter);
  const lastId = Number(db.prepare(readStatements.lastId).pluck().get() ?? 0);
  const firstCheckpoint = db.prepare<unknown[]>(readStatements.firstCheckpoint).pluck();
  const streams = new Map<string, Seen>();
  for (let after = 0; ; ) {
    const rows = statement.all(after, pageEvents) as EventRow[];
    for (const row of rows) {
      const { stream, seq } = row;
      if (!rowIsIntact(row)) {
        yield { kind: 'event', stream, seq, detail: `event ${row.id} does not match its crc` };
      } else if (onEvent) yield* onEvent(eventOfRow(row));
      const before = streams.get(stream);
      if (!before && seq > 1 && firstCheckpoint.get(stream, seq) === undefined) {
        yield { kind: 'gap', stream, seq, detail: `seqs 1 to ${seq - 1} are missing and no checkpoint covers them` };
      } else if (before && seq <= before.seq) {
        yield { kind: 'order', stream, seq, detail: `follows seq ${before.seq} in order of id` };
      } else if (before && seq > before.seq + 1) {
        yield { kind: 'gap', stream, seq, detail: `seqs ${before.seq + 1} to ${seq - 1} are missing` };
      }
      if (before && row.at < before.at) yield { kind: 'time', stream, seq, detail: 'its time goes back' };
      streams.set(stream, { seq, at: row.at });
    }
    const last = rows.at(-1);
    if (!last) break;
    after = last.id;
    onProgress?.(after, lastId);
  }
  const counted = Number(db.prepare(readStatements.streamCount).pluck().get() ?? 0);
  if (counted !== streams.size) {
    yield {
      kind: 'count',
      stream: null,
      seq: null,
      detail: `${counted} streams are counted, ${streams.size} are there`,
    };
  }
}

function* verifyCheckpoints(db: Database.Database): Generator<Finding, void> {
  const head = db.prepare<unknown[]>(readStatements.lastEvent);
  const rows = db.prepare(verifyStatements.checkpoints).iterate() as IterableIterator<
    CheckpointRow & { stream: string }
  >;
  for (const row of rows) {
    const { stream, seq } = row;
    if (stateOfRow(stream, row) === null) yield { kind: 'checkpoint', stream, seq, detail: 'does not match its crc' };
    const last = (head.get(stream) as EventRow | undefined)?.seq ?? 0;
    if (seq > last) yield { kind: 'checkpoint', stream, seq, detail: `lies beyond the head ${last}` };
  }
}
