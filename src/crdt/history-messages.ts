// What the history pool and its workers say to each other. Plain data that survives a structured clone; errors travel by their code.

import { asContrailError, ContrailError, type ErrorCode, errorTable, type Fault } from '../model/errors.js';
import type { DocumentId } from '../model/ids.js';
import type { HistoryAnswers, HistoryMethod } from './history.js';

/** One question: the method's arguments. */
export interface HistoryQuestion {
  readonly id: number;
  readonly method: HistoryMethod;
  readonly documentId: DocumentId;
  readonly request: Parameters<HistoryAnswers[HistoryMethod]>[1];
}

export type HistoryReply =
  | { readonly id: number; readonly ok: true; readonly answer: unknown }
  | { readonly id: number; readonly ok: false; readonly error: ErrorMessage };

/** What a worker sends: replies, and once that what is slow the first time is behind it. */
export type FromHistoryWorker = HistoryReply | 'warm';

export interface ErrorMessage {
  readonly code: ErrorCode;
  readonly detail: string;
  readonly faults: readonly Fault[];
  readonly extra: Readonly<Record<string, unknown>>;
  /** The stack of what lies behind an unexpected error, for the log of the process. */
  readonly cause: string | null;
}

export const errorMessage = (thrown: unknown): ErrorMessage => {
  const { code, detail, faults, extra, cause } = asContrailError(tooDeep(thrown) ?? thrown);
  const stack = cause instanceof Error ? (cause.stack ?? cause.message) : cause === undefined ? null : String(cause);
  return { code, detail, faults, extra, cause: stack };
};

export const messageError = ({ code, detail, cause, ...rest }: ErrorMessage): ContrailError =>
  new ContrailError(code in errorTable ? code : 'internal', detail, cause === null ? rest : { ...rest, cause });

/** Types nested so deep that reading them overflows the stack cost too much, they are no fault of the server. */
const tooDeep = (thrown: unknown): ContrailError | null =>
  thrown instanceof RangeError && thrown.message.includes('call stack')
    ? new ContrailError('query-too-large', 'The document is nested too deep for this query.', { cause: thrown })
    : null;
