// When the state of a document or of a view is worth keeping as a checkpoint: pure rules, no clock, no log.

const minBytes = 64 * 1024;
/** A state weighs twice as much here as in the log, where it is deflated: text by more than half, ids by half. */
const deflatedPart = 1 / 2;

/**
 * Whether the events since the last checkpoint weigh more than max(64 KiB, half of what the state weighs in the log). Checkpoints then weigh about
 * twice the log at most, and any past state costs one checkpoint and at most that many bytes of events: time by the size of the document, not
 * by the length of its history.
 *
 * `stateBytes` is the size of the last checkpoint's state, 0 when there was none.
 */
export const checkpointIsDue = (bytesSince: number, stateBytes: number): boolean =>
  bytesSince > Math.max(minBytes, (stateBytes * deflatedPart) / 2);

/**
 * The same for a view, whose checkpoint takes the place of its events: when they weigh more than max(64 KiB, twice the state, not deflated). It is
 * written while people type, half of what they wait for in a busy minute, so it may cost half a byte for each byte of events and no more; what a view
 * takes to load stays three times its state at most.
 */
export const viewCheckpointIsDue = (bytesSince: number, stateBytes: number): boolean =>
  bytesSince > Math.max(minBytes, 2 * stateBytes);

/** What a document's events weigh since its last checkpoint. */
export class SinceCheckpoint {
  #stateBytes: number;
  #bytes: number;

  constructor(stateBytes: number, bytes: number) {
    this.#stateBytes = stateBytes;
    this.#bytes = bytes;
  }

  add(bytes: number): void {
    this.#bytes += bytes;
  }

  get isDue(): boolean {
    return checkpointIsDue(this.#bytes, this.#stateBytes);
  }

  /** A checkpoint of that size has been taken. */
  begin(stateBytes: number): void {
    this.#stateBytes = stateBytes;
    this.#bytes = 0;
  }
}
