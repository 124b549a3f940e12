// The questions one can ask of a document's history, and their answers: the contract between those who ask (rooms, REST) and those
// who compute (history-queries.ts here, history-pool.ts in processes of their own). Everything that crosses is plain data.

import type { DocumentId, UserId } from '../model/ids.js';
import type { Json, JsonObject } from '../model/json.js';
import type { TextRun } from './attribution.js';
import type { Change } from './change-list.js';
import type { PathEdit } from './edits.js';
import type { UndoAnswer } from './undo.js';
import type { UndoRequest } from './undo-replica.js';

/** A position in the log that a new event of the server's must keep to. */
export interface ServerUpdate {
  /** V1; `null` when there is nothing to change. */
  readonly update: Uint8Array | null;
  /** The head it was computed at. Log it right after this seq, or ask again: its clocks may be taken by then. */
  readonly head: number;
}

export interface StateRequest {
  /** The head when absent. */
  readonly seq?: number;
  readonly as: 'json' | 'texts' | 'text' | 'update';
  /** The root that `text` asks for; `content` when absent. */
  readonly name?: string;
}

export interface StateAnswer {
  readonly seq: number;
  /** `json`: an object by root name; `texts`: strings by root name; `text`: a string; `update`: V1. */
  readonly state: Json | Uint8Array;
}

export interface DiffAnswer {
  readonly from: number;
  readonly to: number;
  readonly changes: readonly Change[];
}

export interface AttributionAnswer {
  readonly seq: number;
  readonly runs: readonly TextRun[];
}

export interface RestoreRequest {
  /** The seq whose state is wanted. */
  readonly seq: number;
  /** Who wants it, and when: they stand in `changes`. */
  readonly actor: UserId;
  readonly at: number;
  /** The document's server client id. */
  readonly client: number;
}

export interface RestoreAnswer extends ServerUpdate {
  /** What the restore changes, as a diff from `head`. */
  readonly changes: readonly Change[];
}

export interface EditRequest {
  readonly edit: PathEdit;
  readonly client: number;
}

/**
 * ### Errors, of all
 * `not-found` (no such document), `seq-not-found` (with `head`), `damaged-event`, `bad-request` (a range in the wrong order, a root that
 * is no text, a path that is no such type), and from a pool `query-too-large` and `overloaded`. Nothing is changed by asking.
 */
export interface History {
  stateAt(documentId: DocumentId, request: StateRequest): Promise<StateAnswer>;
  diff(documentId: DocumentId, range: { readonly from: number; readonly to: number }): Promise<DiffAnswer>;
  /** Rejects with `bad-request` where the root is no text. */
  attribution(
    documentId: DocumentId,
    request: { readonly name: string; readonly seq?: number },
  ): Promise<AttributionAnswer>;
  /** Rejects with `nothing-to-undo`. The event to log: kind as asked, actor as asked, payload `update`, meta `meta`, right after `head`. */
  undo(documentId: DocumentId, request: UndoRequest): Promise<UndoAnswer>;
  /** The event to log: kind `restored`, payload `update`, meta `restoredMeta(seq)`. */
  restore(documentId: DocumentId, request: RestoreRequest): Promise<RestoreAnswer>;
  /** The event to log: kind `edit`. */
  edit(documentId: DocumentId, request: EditRequest): Promise<ServerUpdate>;
}

/** Meta of a `restored` event: the seq whose state it brought back. */
export const restoredMeta = (seq: number): JsonObject => ({ seq });

export interface BodyRequest {
  /** Whether whoever asks can read gzip. */
  readonly gzip: boolean;
}

export interface Body {
  readonly bytes: Uint8Array;
  /** `null`: as it is, because it is short, or is no text, or gzip was not asked for. */
  readonly encoding: 'gzip' | null;
}

/**
 * Answers as they leave the server, for those who only pass them on: made where they are computed, so that the thread that relays keystrokes
 * has neither to present nor to serialise nor to compress them. Errors as of `History`.
 */
export interface HistoryBodies {
  /** `text` as UTF-8, `json` and `texts` as JSON, `update` as it is. */
  stateBody(documentId: DocumentId, request: StateRequest & BodyRequest): Promise<Body>;
  diffBody(documentId: DocumentId, range: Parameters<History['diff']>[1] & BodyRequest): Promise<Body>;
  attributionBody(documentId: DocumentId, request: Parameters<History['attribution']>[1] & BodyRequest): Promise<Body>;
}

/** What a worker of a pool answers. */
export type HistoryAnswers = History & HistoryBodies;
export type HistoryMethod = keyof HistoryAnswers;
