// When a document's state is worth keeping as a checkpoint: a pure rule, no clock, no log.

const minBytes = 64 * 1024;

/**
 * Whether the events since the last checkpoint weigh more than max(64 KiB, half the state). Checkpoints then weigh about twice the log
 * at most, and any past state costs one checkpoint and at most that many bytes of events: time by the size of the document, not by the
 * length of its history.
 *
 * `stateBytes` is the size of the last checkpoint, 0 when there was none.
 */
export const checkpointIsDue = (bytesSince: number, stateBytes: number): boolean =>
  bytesSince > Math.max(minBytes, stateBytes / 2);
