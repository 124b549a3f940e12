// When a document's state is worth keeping as a checkpoint: a pure rule, no clock, no log.

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
