// The only code that changes the log: carries out one batch in one transaction. Runs in the writer thread (writer-thread.ts), knows
// nothing of threads itself.
//
// ### Ordering
// `heads` mirrors what the transaction has done so far; it is forgotten whenever a transaction is rolled back, and read again.
//
// ### Failure
// Whatever throws inside `write` rolls the whole batch back. The caller decides whether to try its parts.

import { crc32, deflateRawSync } from 'node:zlib';
import type Database from 'better-sqlite3';
import type { LoggedEvent } from '../model/events.js';
import type { JsonObject } from '../model/json.js';
import { processMs } from '../model/time.js';
import {
  batchHeadBytes,
  batchOffsets,
  checkpointHeadBytes,
  conflictBase,
  expectHeadBytes,
  logged,
  unitHeadBytes,
  unitOffsets,
} from './batch.js';
import { checkpointCrc } from './checkpoint-state.js';
import { EventInserter } from './event-inserter.js';
import { absent, damagedEvent, type EventRow, recordHeadBytes, recordOffsets, rowIsIntact } from './event-record.js';
import type { ProjectionHost } from './projection-host.js';
import { highestId, readStatements, writeStatements } from './statements.js';
import { StreamIndex } from './stream-index.js';
import { Truncation } from './truncation.js';

interface StreamHead {
  seq: number;
  at: number;
}

/** Beyond this many streams the heads are read again instead of kept: about 10 MB. */
const maxKeptHeads = 100_000;
const deflateLevel = 1;
/** What a probe writes: more than fits into the pages that are free already, up to a bound. */
const probeBytes = 64 * 1024;
const mostProbeBytes = 4 * 1024 * 1024;

/** What tests choose small, or large. */
export interface WriterOptions {
  /** How many events the index by stream and lagging projections may be behind. */
  readonly mostUnindexed?: number;
  /** How many events of a truncated stream go with its checkpoint; the others go with the batches that follow. */
  readonly truncatedAtOnce?: number;
}

export class LogWriter {
  readonly #db: Database.Database;
  readonly #projections: ProjectionHost;
  readonly #heads = new Map<string, StreamHead>();
  readonly #sql;
  #lastId = 0;
  #newStreams = 0;
  readonly #inserter: EventInserter;
  readonly #index: StreamIndex;
  readonly #truncation: Truncation;

  constructor(
    db: Database.Database,
    projections: ProjectionHost,
    { mostUnindexed, truncatedAtOnce }: WriterOptions = {},
  ) {
    this.#db = db;
    this.#projections = projections;
    this.#inserter = new EventInserter(db);
    this.#index = new StreamIndex(db, mostUnindexed);
    this.#truncation = new Truncation(db, truncatedAtOnce);
    const prepare = (sql: string) => db.prepare<unknown[]>(sql);
    this.#sql = {
      begin: prepare(writeStatements.begin),
      commit: prepare(writeStatements.commit),
      rollback: prepare(writeStatements.rollback),
      countStreams: prepare(writeStatements.countStreams),
      dropCheckpoint: prepare(writeStatements.dropCheckpoint),
      insertCheckpoint: prepare(writeStatements.insertCheckpoint),
      truncateCheckpoints: prepare(writeStatements.truncateCheckpoints),
      probe: prepare(writeStatements.probe),
      lastEvent: prepare(readStatements.lastEvent),
      highestId: prepare(highestId).pluck(),
    };
    this.#forget();
  }

  get lastId(): number {
    return this.#lastId;
  }

  /** Logs the batch's units and fills in its slots. When it throws, nothing of the batch is in the log. */
  write(buffer: ArrayBuffer): void {
    const bytes = Buffer.from(buffer);
    const view = new DataView(buffer);
    const units = view.getUint32(batchOffsets.units, true);
    const started = performance.now();
    const lastBefore = this.#lastId;
    if (this.#heads.size > maxKeptHeads) this.#heads.clear();
    this.#newStreams = 0;
    this.#sql.begin.run();
    try {
      let offset = batchHeadBytes;
      for (let unit = 0; unit < units; unit += 1) {
        this.#writeUnit(bytes, view, offset);
        offset += view.getUint32(offset + unitOffsets.bytes, true);
      }
      this.#inserter.flush();
      this.#index.follow(this.#lastId);
      this.#truncation.follow(this.#lastId - lastBefore);
      this.#projections.lagging.follow(this.#lastId);
      if (this.#newStreams > 0) this.#sql.countStreams.run(this.#newStreams);
      this.#sql.commit.run();
    } catch (error) {
      this.#rollback();
      throw error;
    }
    view.setFloat64(batchOffsets.commitMs, performance.now() - started, true);
    view.setFloat64(batchOffsets.durableAt, processMs(), true);
  }

  /** Brings the index and the projections up to the last event. */
  catchUp(): void {
    this.#sql.begin.run();
    try {
      this.#index.catchUp(this.#lastId);
      this.#truncation.catchUp();
      this.#projections.lagging.catchUp(this.#lastId);
      this.#sql.commit.run();
    } catch (error) {
      this.#rollback();
      throw error;
    }
  }

  /** Writes something for real, to see whether the disk takes it. Throws when it does not. */
  probe(): void {
    try {
      const pragma = (name: string) => Number(this.#db.pragma(name, { simple: true }));
      const free = pragma('freelist_count') * pragma('page_size');
      for (const bytes of [Math.min(free + probeBytes, mostProbeBytes), 0]) {
        this.#sql.begin.run();
        this.#sql.probe.run(bytes);
        this.#sql.commit.run();
      }
    } catch (error) {
      this.#rollback();
      throw error;
    }
  }

  #rollback(): void {
    // SQLite rolls back by itself after some I/O errors.
    if (this.#db.inTransaction) this.#sql.rollback.run();
    this.#forget();
  }

  #forget(): void {
    this.#heads.clear();
    this.#inserter.discard();
    this.#index.forget();
    this.#truncation.forget();
    this.#projections.lagging.forget();
    this.#lastId = Number(this.#sql.highestId.get() ?? 0);
  }

  #head(stream: string): StreamHead {
    const known = this.#heads.get(stream);
    if (known) return known;
    const row = this.#sql.lastEvent.get({ stream }) as EventRow | undefined;
    if (row && !rowIsIntact(row)) throw damagedEvent(stream, row.seq);
    const head = row ? { seq: row.seq, at: row.at } : { seq: 0, at: Number.NEGATIVE_INFINITY };
    this.#heads.set(stream, head);
    return head;
  }

  #writeUnit(bytes: Buffer, view: DataView, unit: number): void {
    const events = view.getUint32(unit + unitOffsets.events, true);
    const expects = view.getUint32(unit + unitOffsets.expects, true);
    const checkpoints = view.getUint32(unit + unitOffsets.checkpoints, true);
    let offset = unit + unitHeadBytes;
    if (expects > 0) {
      for (let event = 0; event < events; event += 1) offset += 4 + view.getUint32(offset, true);
      for (let index = 0; index < expects; index += 1) {
        const end = offset + expectHeadBytes + view.getUint32(offset + 8, true);
        const head = this.#head(bytes.toString('utf8', offset + expectHeadBytes, end)).seq;
        if (head !== view.getFloat64(offset, true)) {
          view.setUint32(unit + unitOffsets.outcome, conflictBase + index, true);
          view.setFloat64(unit + unitOffsets.conflictHead, head, true);
          return;
        }
        offset = end;
      }
    }
    let event = unit + unitHeadBytes;
    for (let index = 0; index < events; index += 1) {
      const length = view.getUint32(event, true);
      this.#writeEvent(bytes, view, event + 4);
      event += 4 + length;
    }
    if (expects === 0) offset = event;
    for (let index = 0; index < checkpoints; index += 1) offset = this.#writeCheckpoint(bytes, view, offset);
    view.setUint32(unit + unitOffsets.outcome, logged, true);
  }

  #writeEvent(bytes: Buffer, view: DataView, record: number): void {
    let end = record + recordHeadBytes;
    const text = (lengthOffset: number): string => {
      const start = end;
      end += view.getUint32(record + lengthOffset, true);
      return bytes.toString('utf8', start, end);
    };
    const stream = text(recordOffsets.stream);
    const actor = text(recordOffsets.actor);
    const kind = text(recordOffsets.kind);
    const payloadLength = view.getUint32(record + recordOffsets.payload, true);
    let payload: Buffer | null = null;
    if (payloadLength !== absent) {
      payload = bytes.subarray(end, end + payloadLength);
      end += payloadLength;
    }
    const meta = view.getUint32(record + recordOffsets.meta, true) === absent ? null : text(recordOffsets.meta);

    const head = this.#head(stream);
    const wanted = view.getFloat64(record + recordOffsets.at, true);
    const at = Math.max(wanted, head.at);
    const seq = head.seq + 1;
    const id = this.#lastId + 1;
    view.setFloat64(record + recordOffsets.id, id, true);
    view.setFloat64(record + recordOffsets.seq, seq, true);
    view.setFloat64(record + recordOffsets.at, at, true);
    const crc = crc32(bytes.subarray(record, end));
    this.#inserter.add({ id, stream, seq, at, actor, kind, payload, meta, crc });
    if (seq === 1) this.#newStreams += 1;
    head.seq = seq;
    head.at = at;
    this.#lastId = id;
    if (this.#projections.wants(kind)) {
      this.#projections.apply({
        id,
        stream,
        seq,
        at,
        actor,
        kind,
        payload,
        meta: meta === null ? null : (JSON.parse(meta) as JsonObject),
      } as LoggedEvent);
    }
  }

  /** Returns where the checkpoint ends in the batch. */
  #writeCheckpoint(bytes: Buffer, view: DataView, start: number): number {
    const stateStart = start + checkpointHeadBytes + view.getUint32(start + 4, true);
    const end = stateStart + view.getUint32(start + 8, true);
    const stream = bytes.toString('utf8', start + checkpointHeadBytes, stateStart);
    const { seq } = this.#head(stream);
    const state = deflateRawSync(bytes.subarray(stateStart, end), { level: deflateLevel });
    this.#sql.dropCheckpoint.run(stream, seq);
    this.#sql.insertCheckpoint.run(stream, seq, state, checkpointCrc(stream, seq, state));
    if (view.getUint32(start, true) === 1) {
      this.#inserter.flush();
      // The event at the head stays: it carries the stream's seq, time and id on.
      this.#truncation.cut(stream, seq);
      this.#sql.truncateCheckpoints.run(stream, seq);
    }
    return end;
  }
}
