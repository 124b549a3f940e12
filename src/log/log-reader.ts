// The reading half of the log over a read-only connection, for the main thread and for history workers. Each event is checked against
// its crc. A long search goes through the stream in windows of seqs and lets other work in between.

import type Database from 'better-sqlite3';
import { ContrailError } from '../model/errors.js';
import type { Checkpoint, EventFilter, EventLog, Head, LogScan, StreamRead } from '../model/event-log.js';
import type { EventSummary, LoggedEvent, Position } from '../model/events.js';
import type { StreamName } from '../model/ids.js';
import type { SqlDatabase } from '../model/projection.js';
import { type CheckpointRow, stateOfRow } from './checkpoint-state.js';
import { openForReading, sqlDatabase } from './connection.js';
import { damagedEvent, type EventRow, eventFrom, eventOfRow, rowIsIntact } from './event-record.js';
import { type PackedRows, unpacked } from './packed-rows.js';
import { kindsText } from './projection-host.js';
import { readStatements } from './statements.js';

export type LogReads = Pick<EventLog, 'head' | 'read' | 'list' | 'positionAt' | 'checkpoint' | 'readAll' | 'scan'>;

export const maxReadBytes = 4 * 1024 * 1024;
/** A list looks through so many seqs, and reads so many events, before others have their turn: a millisecond or two. */
const windowSeqs = 4_096;
const listedAtOnce = 100;
/** Reads of fewer events than this are not packed, and no pack has more than this. */
const leastPacked = 8;
const packedPage = 1_000;

export const defaultReadLimit = 1_000;
/** A whole number from 1 to `most`; anything else is a mistake of the caller's. */
export const checkedLimit = (limit: number, most: number): number => {
  if (Number.isInteger(limit) && limit >= 1 && limit <= most) return limit;
  throw new ContrailError('internal', `A limit must be a whole number from 1 to ${most}, got ${limit}.`);
};
export const maxListed = 1_000;

export const summaryOf = ({ payload, ...rest }: LoggedEvent): EventSummary => ({
  ...rest,
  bytes: payload?.length ?? 0,
});
const positionOf = ({ id, seq, at }: Position): Position => ({ id, seq, at });

export class LogReader implements LogReads {
  readonly #db: Database.Database;
  readonly #sql;
  /** For projections' queries. It cannot write. */
  readonly db: SqlDatabase;

  constructor(file: string) {
    this.#db = openForReading(file);
    this.db = sqlDatabase(this.#db);
    const prepare = (sql: string) => this.#db.prepare<unknown[]>(sql);
    this.#sql = {
      lastEvent: prepare(readStatements.lastEvent),
      firstSeq: prepare(readStatements.firstSeq).pluck(),
      eventsAfter: prepare(readStatements.eventsAfter),
      packedEventsAfter: prepare(readStatements.packedEventsAfter),
      lastEventUpTo: prepare(readStatements.lastEventUpTo),
      listAscending: prepare(readStatements.listAscending),
      listDescending: prepare(readStatements.listDescending),
      eventsOfAllAfter: prepare(readStatements.eventsOfAllAfter),
      checkpointUpTo: prepare(readStatements.checkpointUpTo),
      firstCheckpoint: prepare(readStatements.firstCheckpoint).pluck(),
      newestCheckpoints: prepare(readStatements.newestCheckpoints),
      streamCount: prepare(readStatements.streamCount).pluck(),
    };
  }

  async head(stream: StreamName): Promise<Head | null> {
    return this.headNow(stream);
  }

  headNow(stream: StreamName): Head | null {
    const head = this.#head(stream);
    return head && positionOf(head);
  }

  async read(stream: StreamName, after: number, limit = defaultReadLimit): Promise<StreamRead> {
    checkedLimit(limit, Number.MAX_SAFE_INTEGER);
    const head = this.#head(stream)?.seq ?? 0;
    if (after > head) return { kind: 'ahead', head };
    const events: LoggedEvent[] = [];
    let bytes = 0;
    for (const row of this.#rowsAfter(stream, after, { head, limit })) {
      const expected = after + events.length + 1;
      if (row.seq !== expected) {
        if (events.length === 0) return this.#goneOrDamaged(stream, expected);
        throw damagedEvent(stream, expected);
      }
      events.push(eventOfRow(row));
      bytes += row.payload?.length ?? 0;
      if (bytes >= maxReadBytes) break;
    }
    return { kind: 'range', events, head, more: after + events.length < head };
  }

  /** Rows with seq > `after` in order. Packed ones where there may be many: that is faster, and the same rows. */
  *#rowsAfter(
    stream: StreamName,
    after: number,
    { head, limit }: { readonly head: number; readonly limit: number },
  ): Generator<EventRow> {
    const most = Math.min(limit, head - after);
    if (most < leastPacked) {
      yield* this.#sql.eventsAfter.iterate({ stream, after, upTo: head, limit }) as IterableIterator<EventRow>;
      return;
    }
    for (let left = most, from = after; left > 0; left -= packedPage, from += packedPage)
      for (const row of this.#page(stream, from, { head, limit: Math.min(packedPage, left) })) {
        const whole =
          typeof row === 'number' ? this.#sql.eventsAfter.get({ stream, after: row - 1, upTo: row, limit: 1 }) : row;
        if (whole === undefined) return; // truncated away meanwhile
        yield whole as EventRow;
      }
  }

  #page(
    stream: StreamName,
    after: number,
    { head, limit }: { readonly head: number; readonly limit: number },
  ): readonly (EventRow | number)[] {
    try {
      const page = this.#sql.packedEventsAfter.get({ stream, after, upTo: head, limit }) as PackedRows;
      return unpacked(stream, page);
    } catch {
      // Damage that cannot be packed: read one by one, its event is found and named.
      return this.#sql.eventsAfter.all({ stream, after, upTo: head, limit }) as EventRow[];
    }
  }

  async list(stream: StreamName, filter: EventFilter): Promise<readonly EventSummary[]> {
    checkedLimit(filter.limit, maxListed);
    const head = this.#head(stream)?.seq ?? 0;
    let after = filter.after ?? 0;
    let before = Math.min(filter.before ?? head + 1, head + 1);
    if (filter.since !== undefined) after = Math.max(after, this.#at(stream, filter.since - 1)?.seq ?? 0);
    if (filter.until !== undefined) before = Math.min(before, (this.#at(stream, filter.until - 1)?.seq ?? 0) + 1);
    after = Math.max(after, ((this.#sql.firstSeq.get({ stream }) as number | undefined) ?? 1) - 1);

    const ascending = filter.order === 'asc';
    const statement = ascending ? this.#sql.listAscending : this.#sql.listDescending;
    const actor = filter.actor ?? null;
    const kinds = filter.kinds ? kindsText(filter.kinds) : null;
    const found: EventSummary[] = [];
    while (before - after > 1 && found.length < filter.limit) {
      const from = ascending ? after : Math.max(after, before - windowSeqs);
      const to = ascending ? Math.min(before, after + windowSeqs) : before;
      const limit = Math.min(filter.limit - found.length, listedAtOnce);
      const rows = statement.all({ stream, after: from, before: to, actor, kinds, limit }) as EventRow[];
      for (const row of rows) found.push(summaryOf(eventOfRow(row)));
      const stoppedAt = rows.length === limit ? rows.at(-1)?.seq : undefined;
      if (ascending) after = stoppedAt ?? to - 1;
      else before = stoppedAt ?? from + 1;
      if (before - after > 1 && found.length < filter.limit) await new Promise((resolve) => setImmediate(resolve));
    }
    return found;
  }

  async positionAt(stream: StreamName, time: number): Promise<Position | null> {
    const event = this.#at(stream, time);
    return event && positionOf(event);
  }

  async checkpoint(stream: StreamName, atOrBefore: number): Promise<Checkpoint | null> {
    for (let bound = atOrBefore; ; ) {
      const row = this.#sql.checkpointUpTo.get(stream, bound) as CheckpointRow | undefined;
      if (!row) return null;
      const state = stateOfRow(stream, row);
      if (state) return { stream, seq: row.seq, state };
      bound = row.seq - 1;
    }
  }

  async readAll(after: number, limit: number): Promise<readonly LoggedEvent[]> {
    checkedLimit(limit, Number.MAX_SAFE_INTEGER);
    return (this.#sql.eventsOfAllAfter.all(after, limit) as EventRow[]).map(eventOfRow);
  }

  /** Where the checkpoints stand that were written last, over all streams, and what they weigh. */
  newestCheckpoints(): readonly { readonly stream: StreamName; readonly seq: number; readonly bytes: number }[] {
    return this.#sql.newestCheckpoints.all() as { stream: StreamName; seq: number; bytes: number }[];
  }

  async scan(after: number, limit: number): Promise<LogScan> {
    checkedLimit(limit, Number.MAX_SAFE_INTEGER);
    const events: LoggedEvent[] = [];
    const damaged: Pick<LoggedEvent, 'id' | 'stream' | 'seq'>[] = [];
    let cursor = after;
    let bytes = 0;
    for (const row of this.#sql.eventsOfAllAfter.iterate(after, limit) as IterableIterator<EventRow>) {
      cursor = row.id;
      if (rowIsIntact(row)) events.push(eventFrom(row));
      else damaged.push({ id: row.id, stream: row.stream as StreamName, seq: row.seq });
      bytes += row.payload?.length ?? 0;
      if (bytes >= maxReadBytes) break;
    }
    return { events, damaged, cursor };
  }

  streams(): number {
    return Number(this.#sql.streamCount.get() ?? 0);
  }

  close(): void {
    this.#db.close();
  }

  #head(stream: StreamName): LoggedEvent | null {
    const row = this.#sql.lastEvent.get({ stream }) as EventRow | undefined;
    return row ? eventOfRow(row) : null;
  }

  /** The last event whose `at` is at most `time`: times never go back within a stream, so it halves the range of seqs. */
  #at(stream: StreamName, time: number): LoggedEvent | null {
    let low = ((this.#sql.firstSeq.get({ stream }) as number | undefined) ?? 1) - 1;
    let high = (this.#head(stream)?.seq ?? 0) + 1;
    let found: LoggedEvent | null = null;
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      const row = this.#sql.lastEventUpTo.get({ stream, upTo: middle }) as EventRow | undefined;
      if (!row || row.seq !== middle) throw damagedEvent(stream, middle);
      const event = eventOfRow(row);
      if (event.at <= time) {
        low = middle;
        found = event;
      } else high = middle;
    }
    return found;
  }

  /** What to say when the event asked for first is not there: truncated away, or lost. */
  #goneOrDamaged(stream: StreamName, missing: number): StreamRead {
    const first = this.#sql.firstSeq.get({ stream }) as number | undefined;
    const oldest = first === undefined ? undefined : this.#sql.firstCheckpoint.get(stream, first);
    if (first === undefined || first < missing || typeof oldest !== 'number') throw damagedEvent(stream, missing);
    return { kind: 'gone', oldest };
  }
}
