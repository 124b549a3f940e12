// A log, a commit and a projection for tests of the flights domain: events in memory, the real tables in an SQLite database in memory, and
// boards as plain maps on which patches are carried out as crdt/ does it.

import Database from 'better-sqlite3';
import { flightsProjection } from '../../src/flights/flights-projection.js';
import { ContrailError } from '../../src/model/errors.js';
import type { EventLog } from '../../src/model/event-log.js';
import type { LoggedEvent } from '../../src/model/events.js';
import type { SqlDatabase } from '../../src/model/projection.js';
import type { CommitChange, DomainChange } from '../../src/model/views.js';

export interface Harness {
  readonly db: SqlDatabase;
  readonly log: EventLog;
  readonly commit: CommitChange;
  readonly events: readonly LoggedEvent[];
  readonly changes: readonly DomainChange[];
  /** Boards by stream name, entries by flight id. */
  readonly boards: ReadonlyMap<string, ReadonlyMap<string, Readonly<Record<string, unknown>>>>;
  /** Bytes of payloads and meta that were written. */
  bytes(): number;
  /** Runs before each commit; a test may reject or wait in it. */
  before: (change: DomainChange) => Promise<void>;
  /** All rows of the projection's tables. */
  tables(): unknown;
  /** The same events in a fresh database: what a restart with the projection deleted would see. */
  rebuilt(): Harness;
}

const encoder = new TextEncoder();
const sizeOf = (value: unknown): number => encoder.encode(JSON.stringify(value)).length;

export const createHarness = (earlier: readonly LoggedEvent[] = []): Harness => {
  const db = new Database(':memory:') as unknown as SqlDatabase;
  db.exec(flightsProjection.schema);
  const apply = flightsProjection.open(db);
  const events: LoggedEvent[] = [];
  const changes: DomainChange[] = [];
  const boards = new Map<string, Map<string, Record<string, unknown>>>();
  let bytes = 0;
  const inStream = (stream: string) => events.filter((event) => event.stream === stream);
  const project = (event: LoggedEvent): void => {
    events.push(event);
    if ((flightsProjection.kinds as readonly string[]).includes(event.kind)) apply(event);
  };
  for (const event of earlier) project(event);

  const patch = (change: DomainChange): void => {
    for (const { view, entries, onlyIfOpen } of change.views) {
      if (onlyIfOpen === true) continue;
      const board = boards.get(view) ?? new Map<string, Record<string, unknown>>();
      boards.set(view, board);
      for (const { key, fields } of entries) {
        if (fields === null) {
          board.delete(key);
          continue;
        }
        const entry = board.get(key) ?? {};
        board.set(key, entry);
        for (const [field, value] of Object.entries(fields))
          if (value === undefined) delete entry[field];
          else entry[field] = value;
      }
    }
  };

  const heads = new Map<string, { seq: number; at: number }>();
  for (const event of earlier) heads.set(event.stream, event);

  const harness: Harness = {
    db,
    events,
    changes,
    boards,
    before: async () => undefined,
    bytes: () => bytes,
    tables: () => flightsProjection.tables.map((table) => db.prepare(`SELECT * FROM ${table} ORDER BY 1, 2`).all()),
    rebuilt: () => createHarness(events),
    async commit(change) {
      await harness.before(change);
      for (const { stream, head } of change.expect ?? [])
        if ((heads.get(stream)?.seq ?? 0) !== head) throw new ContrailError('conflict', 'the head has moved');
      const logged = change.events.map((event): LoggedEvent => {
        const last = heads.get(event.stream) ?? { seq: 0, at: 0 };
        const place = { id: events.length + 1, seq: last.seq + 1, at: Math.max(last.at, event.at) };
        const row = { ...event, ...place };
        heads.set(event.stream, row);
        bytes += (event.payload?.length ?? 0) + (event.meta === null ? 0 : sizeOf(event.meta));
        project(row);
        return row;
      });
      patch(change);
      changes.push(change);
      return logged;
    },
    log: {
      read: async (stream: string, after: number, limit = 1000) => {
        const all = inStream(stream);
        const later = all.filter((event) => event.seq > after);
        return { kind: 'range', events: later.slice(0, limit), head: all.length, more: later.length > limit };
      },
    } as unknown as EventLog,
  };
  return harness;
};
