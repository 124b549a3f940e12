// Undo and redo as queries over the log: builds the replica that holds a document's stacks, keeps it up with the log, and computes the
// update an undo needs. Appending it is the room's part.
//
// ### Ordering
// An answer is for the head it names and for no other: the event must be logged right after it, or be computed again. Were it logged later,
// executing it again at its place in the log would meet other items and give other bytes. A room whose document moves on all the time holds
// the frames that arrive while it asks once more; a warm replica answers in a few milliseconds.

import type { LoggedEvent } from '../model/events.js';
import { type DocumentId, documentStream } from '../model/ids.js';
import type { JsonObject } from '../model/json.js';
import { checkUpdate } from './gate.js';
import { checkedSeq, type LogReads, loadState, readEvents } from './replay.js';
import { parseUndoMeta, undoMetaJson } from './undo-event.js';
import { type UndoOutcome, UndoReplica, type UndoRequest } from './undo-replica.js';
import { syncUpdateLimits, type UpdateLimits } from './update-limits.js';
import { parseUpdate } from './update-parser.js';

export interface UndoOptions {
  /** UNDO_GROUP_MS. */
  readonly groupMs: number;
  /** How many of the document's last events can be undone at least. */
  readonly depth: number;
}

export const defaultUndoOptions: UndoOptions = { groupMs: 500, depth: 1000 };

export interface UndoAnswer extends UndoOutcome {
  /** The head it was computed at: valid only as the very next event. */
  readonly head: number;
  /** Meta of the event to log. */
  readonly meta: JsonObject;
}

/** For what Yjs made of a document that is known to be sound: nothing is too much, and the values may be as old as the document. */
const repairLimits: UpdateLimits = { ...syncUpdateLimits, legacyJson: true, subdocuments: true, repairOrigins: true };

/** How many times `depth` the replay may reach back for what an undo within `depth` has undone. */
const reachFactor = 4;

/** After so many events that came out differently, all undo and redo events are adopted: their links are lost, but the answer comes in time. */
const maxRebuilds = 8;
const everything = { has: () => true };

interface Pending {
  readonly kind: string;
  readonly actor: string;
  readonly update: Uint8Array | null;
  /** What it took back lies after this seq: should it come too late to be logged, whoever asks once more is to find that again. */
  readonly reach: number;
}

/** Up to where a replica is to be replayed, and after which seq it must have begun at the latest. */
type Range = Pick<Pending, 'reach'> & { readonly head: number };

/** One document's undo replica, opened on first use and kept up with the log. One call at a time. */
export class UndoHistory {
  readonly #log: LogReads;
  readonly #documentId: DocumentId;
  readonly #options: UndoOptions;
  #replica: UndoReplica | null = null;
  /** What was executed on the replica and is not yet seen in the log. */
  #pending: Pending | null = null;
  #rebuilds = 0;

  constructor(log: LogReads, documentId: DocumentId, options: UndoOptions = defaultUndoOptions) {
    this.#log = log;
    this.#documentId = documentId;
    this.#options = options;
  }

  /** How often a replica had to be built again because an event came out differently: other rules wrote it, or Yjs erred (origin-order.ts). */
  get rebuilds(): number {
    return this.#rebuilds;
  }

  /** Computes an undo or redo at the head of the log. Rejects with `nothing-to-undo`, and as `loadState` does. */
  async compute(request: UndoRequest): Promise<UndoAnswer> {
    const replica = await this.replica();
    const head = replica.seq;
    const { update, undone, faithful } = replica.execute(request);
    this.#pending = { kind: request.kind, actor: request.actor, update, reach: Math.min(...undone) - 1 };
    const { client, scope } = request;
    if (!faithful) this.#replica = null;
    const logged = faithful || update === null ? update : await this.#repaired(update, head);
    return { update: logged, undone, head, meta: undoMetaJson({ client, scope, undone, from: replica.from }) };
  }

  /**
   * The same update with origins that everybody resolves alike. As Yjs made it, it would stand at one place in documents that were there and
   * at another one in those loaded from a state later, checkpoints included (docs/decisions/undo-origins.md).
   */
  async #repaired(update: Uint8Array, head: number): Promise<Uint8Array> {
    const { doc } = await loadState(this.#log, this.#documentId, { seq: head });
    const verdict = checkUpdate(doc, parseUpdate(update, repairLimits), repairLimits);
    return (verdict.kind === 'accepted' && verdict.repaired) || update;
  }

  /** The replica at the head of the log. */
  async replica(): Promise<UndoReplica> {
    const stream = documentStream(this.#documentId);
    const head = await checkedSeq(this.#log, stream);
    const reach = this.#pending?.reach ?? head;
    const adopted = new Set<number>();
    while (true) {
      const replica = await this.#current({ head, reach }, adopted.size < maxRebuilds ? adopted : everything);
      this.#replica = null;
      const differing = await this.#catchUp(replica, head);
      if (differing === null) {
        this.#replica = replica;
        return replica;
      }
      adopted.add(differing);
      this.#rebuilds += 1;
    }
  }

  async #current(range: Range, adopted: Pick<ReadonlySet<number>, 'has'>): Promise<UndoReplica> {
    const { head } = range;
    const replica = this.#replica;
    // The window grows with the log; past twice the depth it is cheaper to begin anew.
    const usable = replica !== null && head - replica.from <= 2 * reachFactor * this.#options.depth;
    if (usable && (this.#pending === null || (await this.#acknowledged(replica)))) return replica;
    this.#pending = null;
    const { from, cuts } = await this.#window(range);
    const { doc } = await loadState(this.#log, this.#documentId, { seq: from });
    return new UndoReplica(doc, { from, cuts, adopted, groupMs: this.#options.groupMs });
  }

  /** Whether the undo that was executed last was logged as the very next event; if not, the replica holds what never happened. */
  async #acknowledged(replica: UndoReplica): Promise<boolean> {
    const pending = this.#pending;
    this.#pending = null;
    const stream = documentStream(this.#documentId);
    const page = await this.#log.read(stream, replica.seq - 1, 1);
    const event: LoggedEvent | undefined = page.kind === 'range' ? page.events[0] : undefined;
    if (event === undefined || pending === null) return false;
    if (event.seq !== replica.seq || event.kind !== pending.kind || event.actor !== pending.actor) return false;
    const [logged, computed] = [event.payload ?? new Uint8Array(), pending.update ?? new Uint8Array()];
    return Buffer.compare(logged, computed) === 0 && parseUndoMeta(event) !== null;
  }

  /** Applies what the log has beyond the replica; the seq of an event that came out differently, `null` when all went well. */
  async #catchUp(replica: UndoReplica, head: number): Promise<number | null> {
    const range = { after: replica.seq, through: head };
    for await (const events of readEvents(this.#log, documentStream(this.#documentId), range))
      for (const event of events) if (!replica.apply(event)) return event.seq;
    return null;
  }

  /**
   * Where the replay begins: `depth` events back, and further where an undo in that window took back something older, or an answer that was
   * not logged. Also the seqs at which steps are cut (`UndoReplicaOptions.cuts`).
   */
  async #window({ head, reach }: Range): Promise<{ readonly from: number; readonly cuts: ReadonlySet<number> }> {
    const { depth } = this.#options;
    const furthest = Math.max(0, head - reachFactor * depth);
    const cuts = new Set<number>();
    let from = Math.max(furthest, Math.min(head - depth, reach));
    for (let before = head + 1; before > from + 1; ) {
      const page = await this.#log.list(documentStream(this.#documentId), {
        after: from,
        before,
        kinds: ['undo', 'redo'],
        order: 'desc',
        limit: 1000,
      });
      const read = from;
      for (const event of page) {
        const meta = parseUndoMeta(event);
        if (meta === null) continue;
        cuts.add(meta.from);
        for (const seq of meta.undone) if (seq > furthest) from = Math.min(from, seq - 1);
      }
      before = page.length < 1000 ? read + 1 : (page.at(-1)?.seq ?? read + 1);
    }
    return { from, cuts };
  }
}
