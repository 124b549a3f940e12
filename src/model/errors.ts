// The one table of errors. Both transports look codes up here: REST takes `status`, WebSocket takes `close`.
// Close codes 4400-4499 mean "do not retry" to the stock client, everything else is retried (docs/wire.md, "Close codes").

export interface ErrorRow {
  /** HTTP status of the problem document. */
  readonly status: number;
  /** WebSocket close code. */
  readonly close: number;
  /** Whether the same request may succeed later. */
  readonly retryable: boolean;
  readonly log: 'error' | 'warn' | 'info' | 'debug';
  readonly title: string;
}

const row = (status: number, close: number, log: ErrorRow['log'], title: string): ErrorRow => ({
  status,
  close,
  retryable: close < 4400 || close > 4499,
  log,
  title,
});

export const errorTable = {
  malformed: row(400, 4400, 'info', 'The message is malformed'),
  'bad-request': row(400, 4400, 'debug', 'The request is not valid'),
  unauthenticated: row(401, 4401, 'info', 'A valid token is required'),
  'token-expired': row(401, 4401, 'debug', 'The token has expired'),
  forbidden: row(403, 4403, 'info', 'Not allowed'),
  'server-owned': row(403, 4403, 'warn', 'This shared type is written by the server alone'),
  'not-found': row(404, 4404, 'debug', 'Not found'),
  'seq-not-found': row(404, 4404, 'debug', 'The document has no such seq'),
  'method-not-allowed': row(405, 4400, 'debug', 'Method not allowed'),
  'not-acceptable': row(406, 4400, 'debug', 'None of the accepted media types is answered'),
  conflict: row(409, 4409, 'debug', 'It conflicts with what is there'),
  'already-exists': row(409, 4409, 'debug', 'It exists already'),
  'client-id-taken': row(409, 4409, 'warn', 'This Yjs client id belongs to somebody else'),
  'nothing-to-undo': row(409, 4409, 'debug', 'There is no step to undo or redo'),
  'illegal-move': row(409, 4409, 'debug', 'The flight cannot move to that phase'),
  'ambiguous-flight': row(409, 4409, 'debug', 'Several flights match'),
  'request-in-progress': row(409, 4409, 'debug', 'A request with this Idempotency-Key is still running'),
  'outcome-unknown': row(409, 4409, 'warn', 'An earlier request with this Idempotency-Key was interrupted'),
  deleted: row(410, 4410, 'debug', 'The document was deleted'),
  'precondition-failed': row(412, 4409, 'debug', 'The document has moved on'),
  'too-large': row(413, 1009, 'info', 'Too large'),
  'unsupported-media-type': row(415, 4400, 'debug', 'Unsupported media type'),
  'invalid-update': row(422, 4422, 'warn', 'The Yjs update is not valid'),
  'key-reused': row(422, 4400, 'debug', 'This Idempotency-Key was used with another body'),
  'headers-too-large': row(431, 4400, 'info', 'The headers are too large'),
  'too-slow': row(408, 4400, 'info', 'The request took too long to come'),
  locked: row(423, 4403, 'debug', 'Somebody else holds the lock'),
  'rate-limited': row(429, 1013, 'info', 'Too many requests'),
  internal: row(500, 4500, 'error', 'Internal error'),
  'damaged-event': row(500, 4500, 'error', 'An event of this document is damaged'),
  'log-unavailable': row(503, 4503, 'error', 'The event log cannot write now'),
  'query-too-large': row(503, 1013, 'warn', 'The query needs more time or memory than is allowed'),
  overloaded: row(503, 1013, 'warn', 'The server is busy'),
  'slow-consumer': row(503, 1013, 'info', 'The connection does not keep up'),
  restarting: row(503, 1012, 'debug', 'The server is restarting'),
} as const satisfies Record<string, ErrorRow>;

export type ErrorCode = keyof typeof errorTable;

/** One fault of a request: where it is (`/title`, `?limit`) and what is wrong with it. */
export interface Fault {
  readonly at: string;
  readonly detail: string;
}

/** An error with a stable code. `detail` is written for the caller and never holds secrets or other people's content. */
export class ContrailError extends Error {
  readonly code: ErrorCode;
  readonly detail: string;
  readonly faults: readonly Fault[];
  /** Further members of the problem document, such as `head` or `allowed`. */
  readonly extra: Readonly<Record<string, unknown>>;

  constructor(
    code: ErrorCode,
    detail: string,
    options: { cause?: unknown; faults?: readonly Fault[]; extra?: Readonly<Record<string, unknown>> } = {},
  ) {
    super(`${code}: ${detail}`, { cause: options.cause });
    this.name = 'ContrailError';
    this.code = code;
    this.detail = detail;
    this.faults = options.faults ?? [];
    this.extra = options.extra ?? {};
  }

  get row(): ErrorRow {
    return errorTable[this.code];
  }
}

/** What to answer for anything thrown: itself when it has a code, `internal` otherwise (with the cause kept). */
export const asContrailError = (thrown: unknown): ContrailError =>
  thrown instanceof ContrailError
    ? thrown
    : new ContrailError('internal', 'Something went wrong on the server.', { cause: thrown });
