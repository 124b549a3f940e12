// Roles that are decided outside: by embedding code's own rule (http/host-rules.ts), which may have to ask somebody and is therefore asked
// ahead, for one actor and document at a time; and of embedding code itself, which may do everything. Who has not been asked about has no role.

import type { Actor } from '../model/actor.js';
import type { DocumentId } from '../model/ids.js';
import type { Role } from '../model/roles.js';

export interface RoleQuestion {
  readonly userId: string;
  readonly name: string | null;
  readonly admin: boolean;
  readonly documentId: string;
  /** What it would be without the rule: by claims, ownership and sharing. Of a document that does not exist yet, `owner`. */
  readonly storedRole: Role | null;
  /** Whether there is such a document. If not, it is created only when the answer is `owner` or `editor`. */
  readonly exists: boolean;
}
export type AskRole = (question: RoleQuestion) => Promise<Role | null>;

interface Decision {
  role: Role | null;
  /** The latest question: answers of earlier ones come too late. */
  question: number;
  /** In which round this was asked; `null` where nobody is ever asked. */
  round: number | null;
}

/** Documents whose rounds are remembered apart; beyond, all are asked about once more. */
const maxRounds = 10_000;

export class DecidedRoles {
  /** Whether there is a rule to ask; without one, roles are those that are stored. */
  readonly asks: boolean;
  readonly #ask: AskRole | null;
  /** An actor is one connection or one request, and takes its decisions along when it goes. */
  readonly #decisions = new WeakMap<Actor, Map<DocumentId, Decision>>();
  #questions = 0;
  /** Counts over all documents; a document that is not in the map is in the round of the rest. */
  #latestRound = 0;
  #roundOfRest = 0;
  readonly #rounds = new Map<DocumentId, number>();

  constructor(ask: AskRole | null) {
    this.#ask = ask;
    this.asks = ask !== null;
  }

  /** The role decided; `undefined` where what is stored counts. */
  roleOf(id: DocumentId, actor: Actor): Role | null | undefined {
    const decision = this.#decisions.get(actor)?.get(id);
    if (decision) return decision.role;
    return this.asks ? null : undefined;
  }

  /** Asks, and keeps the answer. Rejects with what the rule threw; the decision before it then holds. */
  async decide(
    id: DocumentId,
    actor: Actor,
    stored: { readonly role: Role | null; readonly exists: boolean },
  ): Promise<void> {
    if (!this.#ask) return;
    this.#questions += 1;
    const question = this.#questions;
    const decision = this.#decisionOf(id, actor);
    if (decision.round === null) return;
    decision.question = question;
    decision.round = this.#roundOf(id);
    const { userId, name, admin } = actor;
    const role = await this.#ask({
      userId,
      name,
      admin,
      documentId: id,
      storedRole: stored.role,
      exists: stored.exists,
    });
    if (decision.question === question) decision.role = role;
  }

  /** Whether everybody in the document has been asked about again since this actor was. */
  isOutdated(id: DocumentId, actor: Actor): boolean {
    const round = this.#decisions.get(actor)?.get(id)?.round;
    return this.asks && round !== null && round !== this.#roundOf(id);
  }

  /** What was decided before may not hold any longer; it does until it is asked for again. */
  outdate(id: DocumentId): void {
    this.#latestRound += 1;
    this.#rounds.set(id, this.#latestRound);
    if (this.#rounds.size <= maxRounds) return;
    this.#rounds.clear();
    this.#roundOfRest = this.#latestRound;
  }

  /** The actor may do everything with this document. */
  trust(id: DocumentId, actor: Actor): void {
    const decision = this.#decisionOf(id, actor);
    decision.role = 'owner';
    decision.round = null;
  }

  #roundOf(id: DocumentId): number {
    return this.#rounds.get(id) ?? this.#roundOfRest;
  }

  #decisionOf(id: DocumentId, actor: Actor): Decision {
    const decisions = this.#decisions.get(actor) ?? new Map<DocumentId, Decision>();
    this.#decisions.set(actor, decisions);
    const decision = decisions.get(id) ?? { role: null, question: 0, round: 0 };
    decisions.set(id, decision);
    return decision;
  }
}
