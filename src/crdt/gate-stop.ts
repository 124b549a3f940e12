// How a check ends early: thrown inside update-check.ts, caught in gate.ts, and seen nowhere else.

import type { GateRule, GateVerdict } from './gate.js';

export class Stop extends Error {
  readonly verdict: GateVerdict;
  constructor(verdict: GateVerdict) {
    super(verdict.kind);
    this.verdict = verdict;
  }
}

export const notReady = (): Stop => new Stop({ kind: 'not-ready' });
export const refused = (rule: GateRule, detail: string): Stop => new Stop({ kind: 'refused', rule, detail });
