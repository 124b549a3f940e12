// What one connection brings to its document: live updates and step2s, through role, lock and gate, into the room. Updates that depend on
// something missing wait here. Frames, answers and roles are the session's (session.ts).

import * as Y from 'yjs';
import { ContrailError } from '../model/errors.js';
import { allows } from '../model/roles.js';
import type { Change } from './change.js';
import { clientsMeta } from './client-owners.js';
import { Denials } from './denials.js';
import { checkUpdate } from './gate.js';
import { encodePermissionDenied, encodeUpdate } from './protocol.js';
import type { Session } from './session.js';
import type { SessionOptions } from './session-options.js';
import { askForMore } from './sync-answers.js';
import type { UpdateLimits } from './update-limits.js';
import { type ParsedUpdate, parseUpdate } from './update-parser.js';
import { encodeRetraction } from './update-splice.js';
import { WaitingUpdates } from './waiting-updates.js';

export class EditIntake {
  readonly #session: Session;
  readonly #options: SessionOptions;
  readonly #change: Change;
  readonly #waiting: WaitingUpdates;
  readonly #denials = new Denials();
  /** The client id of its latest edit that passed the gate: others' typing runs are not its to continue. */
  #typist = -1;
  /** Something it sent was not taken, and its client has it still. */
  #owed = false;

  constructor(session: Session, options: SessionOptions) {
    this.#session = session;
    this.#options = options;
    this.#change = { kind: 'edit', actor: options.actor.userId, meta: null, from: session, ranges: [], settle: null };
    this.#waiting = new WaitingUpdates(options.limits);
  }

  /** What waits for something missing. */
  get waiting(): { readonly size: number; readonly bytes: number } {
    return this.#waiting;
  }

  /** Everything that it brought is in the document. */
  get settled(): boolean {
    return this.#waiting.size === 0 && !this.#owed;
  }

  /**
   * A client's step2 is complete: nothing in it, and nothing sent before, can lack anything afterwards. One that is too large to be judged by
   * counting is tried out first: the promise is for what then remains to be done, and until it settles no other frame may be handled.
   */
  step2(bytes: Uint8Array): Promise<() => void> | null {
    const { firstSync, liveUpdate } = this.#options.limits;
    const parsed = this.#strip(parseUpdate(bytes, firstSync), firstSync, true);
    const structs = parsed.sections.reduce((sum, section) => sum + section.structs.length, 0);
    if (structs <= liveUpdate.maxStructs) {
      this.#finish(parsed);
      return null;
    }
    // The frame's memory belongs to the socket.
    const copy = parsed.bytes.slice();
    return this.#options
      .trial(Y.encodeStateAsUpdate(this.#session.room.doc), { update: copy, structs })
      .then(() => () => this.#finish(parseUpdate(copy, firstSync)));
  }

  update(bytes: Uint8Array): void {
    const { liveUpdate, maxUpdateBytes } = this.#options.limits;
    if (bytes.length > maxUpdateBytes)
      throw new ContrailError('too-large', `a live update may have ${maxUpdateBytes} bytes`);
    const parsed = parseUpdate(bytes, liveUpdate);
    if (this.#continues(parsed) && this.#session.room.type(parsed, this.#change)) return;
    const stripped = this.#strip(parsed, liveUpdate, false);
    if (this.#accept(stripped, liveUpdate)) {
      if (this.#waiting.size > 0) this.#waiting.retry((waiting) => this.#accept(waiting, liveUpdate));
      return;
    }
    if (this.#waiting.mustAsk) askForMore(this.#session);
    this.#waiting.add(parseUpdate(stripped.bytes.slice(), liveUpdate), this.#options.now());
  }

  /** A step1 is on its way to the client. */
  asked(): void {
    this.#waiting.asked();
  }

  /** Throws `malformed` when the client was asked in vain. */
  assertAnswered(now: number): void {
    this.#waiting.assertAnswered(now);
  }

  clear(): void {
    this.#waiting.clear();
  }

  #finish(parsed: ParsedUpdate): void {
    this.#waiting.answered();
    this.#owed = false;
    const { firstSync } = this.#options.limits;
    const complete = this.#accept(parsed, firstSync);
    this.#waiting.retry((waiting) => this.#accept(waiting, firstSync));
    if (!complete || this.#waiting.size > 0) {
      this.#waiting.clear();
      throw new ContrailError('invalid-update', 'missing-dependencies: it refers to what nobody has', {
        extra: { rule: 'missing-dependencies' },
      });
    }
  }

  /** Whether it may be the next piece of what this connection is typing. */
  #continues(parsed: ParsedUpdate): boolean {
    const session = this.#session;
    if (parsed.sections[0]?.client !== this.#typist || !allows(session.role, 'edit')) return false;
    session.activeAt = this.#options.now();
    return !session.room.guard.isLockedFor(session.actor.userId);
  }

  /** Whether the update was dealt with; `false` when it depends on something that is not there yet. */
  #accept(parsed: ParsedUpdate, limits: UpdateLimits): boolean {
    const session = this.#session;
    const { room, actor } = session;
    const verdict = checkUpdate(room.doc, parsed, limits);
    if (verdict.kind === 'refused') {
      const { rule, detail } = verdict;
      throw new ContrailError('invalid-update', `${rule}: ${detail}`, { extra: { rule } });
    }
    if (verdict.kind === 'accepted' && !verdict.news) {
      if (session.listensToControl) room.answer(session, () => [], 'saved');
      return true;
    }
    if (!allows(session.role, 'edit')) {
      this.#owed = true;
      this.#deny();
      return true;
    }
    session.activeAt = this.#options.now();
    // Neither taken nor lost: the client keeps it, and is asked for it when the lock is freed.
    if (room.guard.isLockedFor(actor.userId)) {
      this.#owed = true;
      return true;
    }
    if (verdict.kind === 'not-ready') return false;
    const { sections, repaired } = verdict;
    const claimed = room.guard.claim(sections, actor.userId);
    const accepted = repaired ? { ...parsed, bytes: repaired } : parsed;
    room.apply(accepted, { ...this.#change, ranges: sections, meta: clientsMeta(claimed) });
    this.#typist = sections.length === 1 ? (sections[0]?.client ?? -1) : -1;
    return true;
  }

  /** What of an update is the document's; stale channel content that the client still holds is retracted. */
  #strip(parsed: ParsedUpdate, limits: UpdateLimits, isSync: boolean): ParsedUpdate {
    const { overlay, room, outlet, pack } = this.#session;
    if (!overlay) return parsed;
    const ownClient = room.awareness.clientOf(this.#session) ?? null;
    const { update, retractions } = overlay.strip(parsed, room.doc, { isSync, ownClient, limits });
    if (retractions.length > 0) outlet.send(pack(encodeUpdate(encodeRetraction(retractions))));
    return update;
  }

  /** A viewer's edit is dropped, and the viewer told now and then; who keeps writing is closed (docs/access.md). */
  #deny(): void {
    if (!this.#denials.tells(this.#options.now())) return;
    const detail = 'You may read this document, not edit it.';
    const { outlet, pack } = this.#session;
    outlet.send(pack(encodePermissionDenied(detail)));
    this.#session.notice({ event: 'rejected', code: 'forbidden', detail });
  }
}
