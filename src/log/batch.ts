// A batch of append units as bytes: what the main thread hands to the writer thread, in one transferred buffer. The writer fills in the
// slots (id, seq and at of each event, the outcome of each unit) and hands the same buffer back, so nothing is allocated per event.
// Little-endian; a unit begins with
//
//   unit       = bytes:u32 events:u32 expects:u32 checkpoints:u32 outcome:u32 conflictHead:f64  event* expect* checkpoint*
//   batch      = used:u32 units:u32 commitMs:f64 durableAt:f64  unit*
//   event      = bytes:u32 record                         (event-record.ts)
//   expect     = head:f64 length:u32 stream
//   checkpoint = truncate:u32 length:u32 bytes:u32 stream state

import type { AppendOutcome, AppendUnit } from '../model/event-log.js';
import type { LoggedEvent, Position } from '../model/events.js';
import type { StreamName } from '../model/ids.js';
import { recordOffsets, Sheet, writeRecord } from './event-record.js';

export const batchOffsets = { used: 0, units: 4, commitMs: 8, durableAt: 16 } as const;
export const batchHeadBytes = 24;
export const unitOffsets = { bytes: 0, events: 4, expects: 8, checkpoints: 12, outcome: 16, conflictHead: 20 } as const;
export const unitHeadBytes = 28;
export const expectHeadBytes = 12;
export const checkpointHeadBytes = 12;

/** Outcomes of a unit: logged, or the index of the failed expectation plus `conflictBase`. */
export const logged = 1;
export const conflictBase = 2;

export const emptyBatch = (buffer: ArrayBuffer): Sheet => {
  const sheet = new Sheet(buffer);
  sheet.length = batchHeadBytes;
  sheet.view.setUint32(batchOffsets.units, 0, true);
  return sheet;
};

/** Appends the units to the batch: all of them, or none when one cannot be encoded. */
export const addUnits = (sheet: Sheet, units: readonly AppendUnit[]): void => {
  const before = sheet.length;
  try {
    for (const unit of units) addUnit(sheet, unit);
  } catch (error) {
    sheet.length = before;
    throw error;
  }
  sheet.view.setUint32(batchOffsets.units, sheet.view.getUint32(batchOffsets.units, true) + units.length, true);
};

const addUnit = (sheet: Sheet, { events, expect = [], checkpoints = [] }: AppendUnit): void => {
  const start = sheet.length;
  sheet.reserve(unitHeadBytes);
  sheet.length = start + unitHeadBytes;
  for (const event of events) {
    const at = sheet.length;
    sheet.reserve(4);
    sheet.length = at + 4;
    writeRecord(sheet, event, event.meta === null ? null : JSON.stringify(event.meta));
    sheet.view.setUint32(at, sheet.length - at - 4, true);
  }
  for (const { stream, head } of expect) {
    const at = sheet.length;
    sheet.reserve(expectHeadBytes + 3 * stream.length);
    sheet.length = at + expectHeadBytes;
    sheet.view.setFloat64(at, head, true);
    sheet.view.setUint32(at + 8, sheet.text(stream), true);
  }
  for (const { stream, state, truncate = false } of checkpoints) {
    const at = sheet.length;
    sheet.reserve(checkpointHeadBytes + 3 * stream.length + state.length);
    sheet.length = at + checkpointHeadBytes;
    sheet.view.setUint32(at, truncate ? 1 : 0, true);
    sheet.view.setUint32(at + 4, sheet.text(stream), true);
    sheet.view.setUint32(at + 8, sheet.blob(state), true);
  }
  const { view } = sheet;
  view.setUint32(start + unitOffsets.bytes, sheet.length - start, true);
  view.setUint32(start + unitOffsets.events, events.length, true);
  view.setUint32(start + unitOffsets.expects, expect.length, true);
  view.setUint32(start + unitOffsets.checkpoints, checkpoints.length, true);
  view.setUint32(start + unitOffsets.outcome, 0, true);
};

/** Ends the batch and gives up its buffer, to be transferred. */
export const sealBatch = (sheet: Sheet): ArrayBuffer => {
  sheet.view.setUint32(batchOffsets.used, sheet.length, true);
  return sheet.view.buffer as ArrayBuffer;
};

/** Reads outcomes from an acknowledged batch, unit by unit in the order they were added. */
export class AckReader {
  readonly #view: DataView;
  #offset = batchHeadBytes;

  constructor(buffer: ArrayBuffer) {
    this.#view = new DataView(buffer);
  }

  get commitMs(): number {
    return this.#view.getFloat64(batchOffsets.commitMs, true);
  }

  /** When the batch was on disk, by the process' own clock (`processMs`). */
  get durableAt(): number {
    return this.#view.getFloat64(batchOffsets.durableAt, true);
  }

  /** The outcome of the next unit. */
  next(unit: AppendUnit): AppendOutcome {
    const view = this.#view;
    const start = this.#offset;
    this.#offset = start + view.getUint32(start + unitOffsets.bytes, true);
    const outcome = view.getUint32(start + unitOffsets.outcome, true);
    if (outcome !== logged) {
      const stream = unit.expect?.[outcome - conflictBase]?.stream ?? ('' as StreamName);
      return { ok: false, stream, head: view.getFloat64(start + unitOffsets.conflictHead, true) };
    }
    const positions = new Array<Position>(unit.events.length);
    let at = start + unitHeadBytes;
    for (let index = 0; index < positions.length; index += 1) {
      const record = at + 4;
      positions[index] = {
        id: view.getFloat64(record + recordOffsets.id, true),
        seq: view.getFloat64(record + recordOffsets.seq, true),
        at: view.getFloat64(record + recordOffsets.at, true),
      };
      at = record + view.getUint32(at, true);
    }
    return { ok: true, positions };
  }
}

/** The unit's events as they were logged, added to `into`. */
export const pushLogged = (into: LoggedEvent[], unit: AppendUnit, outcome: AppendOutcome): void => {
  if (!outcome.ok) return;
  for (const [index, { id, seq, at }] of outcome.positions.entries()) {
    const event = unit.events[index];
    if (!event) continue;
    // Member by member: spreading costs a microsecond, and this is done for every keystroke.
    const { stream, actor, kind, payload, meta } = event;
    into.push({ id, stream, seq, at, actor, kind, payload, meta } as LoggedEvent);
  }
};
