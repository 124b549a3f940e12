// What connections have carried, and how they began and ended, since the start: integers that frames add to, and that are read when somebody
// asks. What waits in connections is looked up then.

import { gateRules } from '../crdt/gate.js';
import { parseRules } from '../crdt/update-structs.js';
import { type ContrailError, type ErrorCode, errorTable } from '../model/errors.js';
import type { Connection } from './connection.js';

export type Counts<Name extends string> = Readonly<Record<Name, number>>;

const unique = <Name extends string>(names: readonly Name[]): readonly Name[] => [...new Set(names)];
const zeros = <Name extends string>(names: readonly Name[]): Record<Name, number> =>
  Object.fromEntries(names.map((name) => [name, 0])) as Record<Name, number>;

/** Why updates are refused: the rules of docs/wire.md, and `other` for what has none. */
export const refusalRules = unique([...parseRules, ...gateRules, 'missing-dependencies', 'trial', 'other'] as const);
export type RefusalRule = (typeof refusalRules)[number];
const isRefusalRule = (rule: unknown): rule is RefusalRule => (refusalRules as readonly unknown[]).includes(rule);

/** Why connections end: the codes of errors, and `left` for clients that went by themselves. */
export const endings = ['left', ...(Object.keys(errorTable) as ErrorCode[])] as const;
export const upgradeRefusals = ['full', 'rate-limited', 'origin'] as const;
export type UpgradeRefusal = (typeof upgradeRefusals)[number];

export class Traffic {
  framesReceived = 0;
  bytesReceived = 0;
  packetsSent = 0;
  bytesSent = 0;
  opened = 0;
  readonly #closed = zeros(endings);
  readonly #refused = zeros(upgradeRefusals);
  readonly #refusals = zeros(refusalRules);

  get closed(): Counts<(typeof endings)[number]> {
    return this.#closed;
  }
  /** Handshakes that were not completed. */
  get refused(): Counts<UpgradeRefusal> {
    return this.#refused;
  }
  /** Updates that the gate refused; each ended its connection. */
  get refusals(): Counts<RefusalRule> {
    return this.#refusals;
  }

  refuse(why: UpgradeRefusal): void {
    this.#refused[why] += 1;
  }

  /** A connection has ended; `null` when its client left. */
  close(error: ContrailError | null): void {
    this.#closed[error?.code ?? 'left'] += 1;
    if (error?.code !== 'invalid-update') return;
    const { rule } = error.extra;
    this.#refusals[isRefusalRule(rule) ? rule : 'other'] += 1;
  }
}

/** What waits in connections at this moment. */
export interface Backlog {
  /** Written to sockets and not taken by the network yet. */
  readonly queuedBytes: number;
  /** Connections that are sent no live frames until they have caught up. */
  readonly behind: number;
  /** Frames that wait for their document to be opened, for a large sync, or for a standing room. */
  readonly frames: number;
  /** Updates that wait for what they depend on. */
  readonly updates: number;
  readonly updateBytes: number;
}

export const backlogOf = (connections: Iterable<Connection>): Backlog => {
  const sum = { queuedBytes: 0, behind: 0, frames: 0, updates: 0, updateBytes: 0 };
  for (const { queuedBytes, behind, earlyFrames, session } of connections) {
    const { frames, updates, updateBytes } = session?.backlog ?? { frames: 0, updates: 0, updateBytes: 0 };
    sum.queuedBytes += queuedBytes;
    sum.behind += Number(behind);
    sum.frames += earlyFrames + frames;
    sum.updates += updates;
    sum.updateBytes += updateBytes;
  }
  return sum;
};
