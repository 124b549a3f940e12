// Logs any number of events in one transaction, for `contrail import`: all of them are in the log after `commit`, or none. To be used with the
// owner's lock held; a server writes through log-writer.ts.

import { deflateRawSync } from 'node:zlib';
import type Database from 'better-sqlite3';
import type { LoggedEvent, NewEvent } from '../model/events.js';
import type { AnyProjection } from '../model/projection.js';
import { checkpointCrc } from './checkpoint-state.js';
import { openForWriting, sqlDatabase } from './connection.js';
import { EventInserter } from './event-inserter.js';
import {
  damagedEvent,
  type EventRow,
  recordCrc,
  recordOffsets,
  rowIsIntact,
  Sheet,
  writeRecord,
} from './event-record.js';
import { ProjectionHost, refreshProjections } from './projection-host.js';
import { highestId, readStatements, writeStatements } from './statements.js';
import { StreamIndex } from './stream-index.js';

interface Head {
  seq: number;
  at: number;
}

export class BulkWriter {
  readonly #db: Database.Database;
  readonly #host: ProjectionHost;
  readonly #inserter: EventInserter;
  readonly #heads = new Map<string, Head>();
  readonly #sheet = new Sheet(new ArrayBuffer(64 * 1024));
  readonly #lastEvent;
  #lastId: number;
  #newStreams = 0;

  /** Opens or makes the database and begins the transaction. */
  constructor(file: string, projections: readonly AnyProjection[]) {
    this.#db = openForWriting(file, 'full');
    try {
      refreshProjections(sqlDatabase(this.#db), projections, () => {});
      this.#host = new ProjectionHost(sqlDatabase(this.#db), projections);
      this.#inserter = new EventInserter(this.#db);
      this.#lastEvent = this.#db.prepare<unknown[]>(readStatements.lastEvent);
      this.#db.exec(writeStatements.begin);
      this.#lastId = Number(this.#db.prepare(highestId).pluck().get() ?? 0);
    } catch (error) {
      this.#db.close();
      throw error;
    }
  }

  /** Adds an event to its stream and returns its seq. Throws `damaged-event` when the stream's last one is. */
  append(event: NewEvent): number {
    const head = this.#head(event.stream);
    const meta = event.meta === null ? null : JSON.stringify(event.meta);
    const id = this.#lastId + 1;
    const seq = head.seq + 1;
    const at = Math.max(event.at, head.at);
    this.#sheet.length = 0;
    const start = writeRecord(this.#sheet, { ...event, at }, meta);
    this.#sheet.view.setFloat64(start + recordOffsets.id, id, true);
    this.#sheet.view.setFloat64(start + recordOffsets.seq, seq, true);
    const crc = recordCrc(this.#sheet, start, this.#sheet.length);
    this.#inserter.add({ ...event, id, seq, at, meta, crc });
    if (this.#host.wants(event.kind)) this.#host.apply({ ...event, id, seq, at } satisfies LoggedEvent);
    if (seq === 1) this.#newStreams += 1;
    this.#lastId = id;
    head.seq = seq;
    head.at = at;
    return seq;
  }

  /** Keeps the state of a stream at the seq that was appended last. */
  checkpoint(stream: string, seq: number, state: Uint8Array): void {
    const deflated = deflateRawSync(state);
    this.#db.prepare(writeStatements.insertCheckpoint).run(stream, seq, deflated, checkpointCrc(stream, seq, deflated));
  }

  /** Everything is durable when it returns. */
  commit(): void {
    this.#inserter.flush();
    new StreamIndex(this.#db).catchUp(this.#lastId);
    this.#host.lagging.catchUp(this.#lastId);
    if (this.#newStreams > 0) this.#db.prepare(writeStatements.countStreams).run(this.#newStreams);
    this.#db.exec(writeStatements.commit);
  }

  /** Without a commit, nothing of it was logged. */
  close(): void {
    this.#db.close();
  }

  #head(stream: string): Head {
    const known = this.#heads.get(stream);
    if (known) return known;
    const row = this.#lastEvent.get({ stream }) as EventRow | undefined;
    if (row && !rowIsIntact(row)) throw damagedEvent(stream, row.seq);
    const head = row ? { seq: row.seq, at: row.at } : { seq: 0, at: Number.NEGATIVE_INFINITY };
    this.#heads.set(stream, head);
    return head;
  }
}
