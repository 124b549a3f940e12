// What the server itself writes into documents on somebody's behalf: edits by path, undo, redo, restore, and names for versions. The update
// is computed elsewhere (history.ts) for one head of the log, and recorded right after that head: by the room, or straight into the log where
// the document is not in memory and nobody has to be told.
//
// ### Ordering
// One write per document at a time. The first attempt asks for an answer while people type on; when the document has moved on meanwhile,
// the room stands still (frame-hold.ts) until the next answer is recorded, so that a busy document cannot starve its undo.

import type { Actor } from '../model/actor.js';
import { ContrailError } from '../model/errors.js';
import type { Position } from '../model/events.js';
import { type DocumentId, documentStream } from '../model/ids.js';
import type { Clock } from '../model/time.js';
import type { Change } from './change.js';
import type { Change as ContentChange } from './change-list.js';
import type { PathEdit } from './edits.js';
import { type History, restoredMeta, type ServerUpdate } from './history.js';
import type { Room } from './room.js';
import type { Rooms } from './rooms.js';
import type { UndoScope } from './undo-event.js';
import { type VersionMeta, versionMetaJson } from './versions.js';

export interface DocumentEditsOptions {
  readonly rooms: Rooms;
  readonly history: History;
  readonly clock: Clock;
  /** Throws unless the actor's role allows to edit at this moment. Asked right before an event is recorded: it may be gone since the request came. */
  readonly assertEditor: (id: DocumentId, actor: Actor) => void;
  /** Throws `locked` while somebody else holds the document. */
  readonly assertUnlocked: (id: DocumentId, actor: Actor) => void;
}

/** The document, and the client id of what the server writes in it. */
export interface EditTarget {
  readonly id: DocumentId;
  readonly serverClient: number;
}

export interface Undone {
  readonly seq: number;
  /** The seqs whose effect was taken back. */
  readonly undone: readonly number[];
}

export interface Restored {
  /** The seq of the new event; the head where nothing differed and no event was needed. */
  readonly seq: number;
  readonly changes: readonly ContentChange[];
}

type Entry = Pick<Change, 'kind' | 'meta'>;

/** How long a document may stand still for one write. */
const maxHoldMs = 3_000;
const maxHeldAttempts = 3;
/** How many writes may wait for one document. */
const maxWaiting = 64;

export class DocumentEdits {
  readonly #options: DocumentEditsOptions;
  /** The last write asked for and how many wait, by document. */
  readonly #queues = new Map<DocumentId, { last: Promise<unknown>; size: number }>();

  constructor(options: DocumentEditsOptions) {
    this.#options = options;
  }

  /** Takes back a step, or brings it back. Rejects with `nothing-to-undo`. */
  async undo(
    { id, serverClient }: EditTarget,
    actor: Actor,
    step: { readonly kind: 'undo' | 'redo'; readonly scope: UndoScope },
  ): Promise<Undone> {
    const ask = () => this.#options.history.undo(id, { ...step, actor: actor.userId, client: serverClient });
    const { answer, seq } = await this.#write(id, actor, ask, ({ meta }) => ({ kind: step.kind, meta }));
    return { seq, undone: answer.undone };
  }

  /** Edits by path. With `ifHead`, rejects with `precondition-failed` unless that is the document's head. */
  async edit(
    { id, serverClient }: EditTarget,
    actor: Actor,
    { edit, ifHead }: { readonly edit: PathEdit; readonly ifHead?: number },
  ): Promise<{ readonly seq: number }> {
    const ask = () => this.#options.history.edit(id, { edit, client: serverClient });
    const { seq } = await this.#write(id, actor, ask, ({ head }) => {
      if (ifHead !== undefined && ifHead !== head)
        throw new ContrailError('precondition-failed', `The document is at seq ${head}, not ${ifHead}.`, {
          extra: { head },
        });
      return { kind: 'edit', meta: null };
    });
    return { seq };
  }

  /** Makes all roots equal to those at `seq`. Rejects with `seq-not-found`. */
  async restore({ id, serverClient }: EditTarget, actor: Actor, seq: number): Promise<Restored> {
    const ask = () => this.#restoreAnswer({ id, serverClient }, actor, seq);
    const written = await this.#write(id, actor, ask, ({ update }) =>
      update === null ? null : { kind: 'restored', meta: restoredMeta(seq) },
    );
    return { seq: written.seq, changes: written.answer.changes };
  }

  /** What `restore` would change now, and the head that holds for. */
  async restoreDryRun(target: EditTarget, actor: Actor, seq: number): Promise<Restored> {
    const { head, changes } = await this.#restoreAnswer(target, actor, seq);
    return { seq: head, changes };
  }

  /** Records a name for a seq, or a change of one. */
  async version(id: DocumentId, actor: Actor, meta: VersionMeta): Promise<Position> {
    const room = await this.#options.rooms.open(id);
    this.#options.assertEditor(id, actor);
    return room.record(null, { kind: 'version', actor: actor.userId, meta: versionMetaJson(meta) });
  }

  #restoreAnswer({ id, serverClient }: EditTarget, actor: Actor, seq: number) {
    return this.#options.history.restore(id, {
      seq,
      actor: actor.userId,
      at: this.#options.clock.now(),
      client: serverClient,
    });
  }

  /** Asks and records in one piece. `entry` says what to log; `null` for nothing, and throws what the caller is to be refused with. */
  #write<Answer extends ServerUpdate>(
    id: DocumentId,
    actor: Actor,
    ask: () => Promise<Answer>,
    entry: (answer: Answer) => Entry | null,
  ): Promise<{ readonly answer: Answer; readonly seq: number }> {
    const attempt = async () => {
      const { rooms } = this.#options;
      // An actor's own edits that are on their way to the disk are part of what is taken back. A document that is not in memory has none.
      await rooms.peek(id)?.durable();
      const answer = await ask();
      const logged = rooms.isAway(id, answer.update?.byteLength ?? 0)
        ? this.#append(id, actor, { answer, entry })
        : this.#record(await rooms.open(id), actor, { answer, entry });
      const seq = await logged;
      return seq === null ? null : { answer, seq };
    };
    return this.#inTurn(id, async () => {
      const written = await attempt();
      if (written) return written;
      const room = await this.#options.rooms.open(id);
      const { clock } = this.#options;
      const held = await room.hold.during(
        async () => {
          for (let left = maxHeldAttempts; left > 0 && (room.hold.active || room.closed); left--) {
            const again = await attempt();
            if (again) return again;
          }
          return null;
        },
        { clock, maxMs: maxHoldMs },
      );
      if (held) return held;
      throw new ContrailError(
        'overloaded',
        'The document changes faster than this can be computed; try again shortly.',
      );
    });
  }

  /** Records what was computed if the document is still at that head; `null` when it is to be computed again. */
  #record<Answer extends ServerUpdate>(
    room: Room,
    actor: Actor,
    { answer, entry }: { readonly answer: Answer; readonly entry: (answer: Answer) => Entry | null },
  ): Promise<number> | null {
    const { head, update } = answer;
    if (room.closed) return null;
    if (head > room.head) {
      // Somebody logged past the room: it no longer knows what it shows.
      room.drop(new ContrailError('internal', 'The document is being reloaded.'));
      return null;
    }
    if (head !== room.head) return null;
    const event = this.#checkedEntry(room.id, actor, { answer, entry });
    if (!event) return Promise.resolve(head);
    return room.record(update, { ...event, actor: actor.userId, head }).then(({ seq }) => seq);
  }

  /** The same for a document that nobody has open: loading it would take far longer than computing the answer did. */
  async #append<Answer extends ServerUpdate>(
    id: DocumentId,
    actor: Actor,
    { answer, entry }: { readonly answer: Answer; readonly entry: (answer: Answer) => Entry | null },
  ): Promise<number | null> {
    const { rooms, clock } = this.#options;
    const { head, update } = answer;
    const event = this.#checkedEntry(id, actor, { answer, entry });
    if (!event) return head;
    const full = { ...event, stream: documentStream(id), actor: actor.userId, at: clock.now(), payload: update };
    return (await rooms.append(id, full, head))?.seq ?? null;
  }

  /** What is to be logged, once the actor is known to be allowed to; to be called in the turn in which it is logged. */
  #checkedEntry<Answer extends ServerUpdate>(
    id: DocumentId,
    actor: Actor,
    { answer, entry }: { readonly answer: Answer; readonly entry: (answer: Answer) => Entry | null },
  ): Entry | null {
    this.#options.assertEditor(id, actor);
    this.#options.assertUnlocked(id, actor);
    return entry(answer);
  }

  async #inTurn<T>(id: DocumentId, work: () => Promise<T>): Promise<T> {
    const queue = this.#queues.get(id) ?? { last: Promise.resolve(), size: 0 };
    if (queue.size >= maxWaiting)
      throw new ContrailError('overloaded', 'Too many changes of this document are waiting.');
    this.#queues.set(id, queue);
    queue.size += 1;
    const done = queue.last.then(work, work);
    queue.last = done.catch(() => undefined);
    try {
      return await done;
    } finally {
      queue.size -= 1;
      if (queue.size === 0) this.#queues.delete(id);
    }
  }
}
