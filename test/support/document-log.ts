// One document's log in memory, for tests of what reads logs. The contract itself is tested elsewhere; this keeps to it where reading
// is concerned, checkpoints by the project's own rule included.

import * as Y from 'yjs';
import { checkpointIsDue } from '../../src/crdt/checkpoint-rule.js';
import { type LogReads, replayInto } from '../../src/crdt/replay.js';
import type { Checkpoint, EventFilter, StreamRead } from '../../src/model/event-log.js';
import { type EventKind, type EventSummary, type LoggedEvent, updateKinds } from '../../src/model/events.js';
import { type DocumentId, documentStream, parseDocumentId, parseUserId, type UserId } from '../../src/model/ids.js';
import type { JsonObject } from '../../src/model/json.js';

export interface NewDocumentEvent {
  readonly actor: UserId;
  readonly at: number;
  readonly kind?: EventKind;
  readonly payload?: Uint8Array | null;
  readonly meta?: JsonObject | null;
}

export const documentIdOf = (text: string): DocumentId => {
  const id = parseDocumentId(text);
  if (id === null) throw new Error(`not a document id: ${text}`);
  return id;
};
export const userIdOf = (text: string): UserId => {
  const id = parseUserId(text);
  if (id === null) throw new Error(`not a user id: ${text}`);
  return id;
};

export class DocumentLog implements LogReads {
  readonly id: DocumentId;
  readonly events: LoggedEvent[] = [];
  readonly checkpoints: Checkpoint[] = [];
  readonly #doc = new Y.Doc();
  readonly #takesCheckpoints: boolean;
  #bytesSince = 0;

  constructor(name = 'plan', options: { readonly checkpoints?: boolean } = {}) {
    this.id = documentIdOf(name);
    this.#takesCheckpoints = options.checkpoints ?? false;
  }

  get seq(): number {
    return this.events.length;
  }

  append(event: NewDocumentEvent): LoggedEvent {
    const seq = this.seq + 1;
    const logged: LoggedEvent = {
      id: seq,
      seq,
      stream: documentStream(this.id),
      kind: event.kind ?? 'edit',
      actor: event.actor,
      at: Math.max(event.at, this.events.at(-1)?.at ?? 0),
      payload: event.payload ?? null,
      meta: event.meta ?? null,
    };
    this.events.push(logged);
    if (this.#takesCheckpoints && logged.payload !== null && updateKinds.has(logged.kind)) {
      replayInto(this.#doc, [logged]);
      this.#bytesSince += logged.payload.byteLength;
      if (checkpointIsDue(this.#bytesSince, this.checkpoints.at(-1)?.state.byteLength ?? 0)) this.#takeCheckpoint(seq);
    }
    return logged;
  }

  #takeCheckpoint(seq: number): void {
    this.checkpoints.push({ stream: documentStream(this.id), seq, state: Y.encodeStateAsUpdate(this.#doc) });
    this.#bytesSince = 0;
  }

  async head(stream: string): Promise<LoggedEvent | null> {
    return this.#holds(stream) ? (this.events.at(-1) ?? null) : null;
  }

  async read(stream: string, after: number, limit = 1000): Promise<StreamRead> {
    const head = this.#holds(stream) ? this.seq : 0;
    if (after > head) return { kind: 'ahead', head };
    const events = this.#holds(stream) ? this.events.slice(after, after + limit) : [];
    return { kind: 'range', events, head, more: after + events.length < head };
  }

  async list(stream: string, filter: EventFilter): Promise<readonly EventSummary[]> {
    if (!this.#holds(stream)) return [];
    const found = this.events.filter(
      (event) =>
        event.seq > (filter.after ?? 0) &&
        event.seq < (filter.before ?? Number.POSITIVE_INFINITY) &&
        (filter.actor === undefined || filter.actor === event.actor) &&
        (filter.kinds === undefined || filter.kinds.includes(event.kind)) &&
        event.at >= (filter.since ?? 0) &&
        event.at < (filter.until ?? Number.POSITIVE_INFINITY),
    );
    if (filter.order === 'desc') found.reverse();
    return found
      .slice(0, filter.limit)
      .map(({ payload, ...summary }) => ({ ...summary, bytes: payload?.byteLength ?? 0 }));
  }

  async positionAt(stream: string, time: number): Promise<LoggedEvent | null> {
    return this.#holds(stream) ? (this.events.findLast((event) => event.at <= time) ?? null) : null;
  }

  async checkpoint(stream: string, atOrBefore: number): Promise<Checkpoint | null> {
    return this.#holds(stream)
      ? (this.checkpoints.findLast((checkpoint) => checkpoint.seq <= atOrBefore) ?? null)
      : null;
  }

  #holds(stream: string): boolean {
    return stream === documentStream(this.id);
  }
}
