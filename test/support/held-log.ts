// A log whose commits happen when the test says so: for what must not leave before they do.

import type { AppendOutcome, AppendUnit, EventLog } from '../../src/model/event-log.js';
import type { LoggedEvent } from '../../src/model/events.js';

interface Held {
  readonly units: readonly AppendUnit[];
  readonly resolve: (outcomes: readonly AppendOutcome[]) => void;
  readonly reject: (error: unknown) => void;
}

export class HeldLog {
  readonly held: Held[] = [];
  readonly events: LoggedEvent[] = [];
  readonly #heads = new Map<string, number>();

  /** The part of the contract that rooms write through. */
  get log(): EventLog {
    const append: EventLog['append'] = (units) =>
      new Promise((resolve, reject) => this.held.push({ units, resolve, reject }));
    return { append } as EventLog;
  }

  /** Makes the oldest append durable. */
  commit(): void {
    const next = this.held.shift();
    next?.resolve(
      next.units.map((unit) => ({
        ok: true,
        positions: unit.events.map((event) => {
          const seq = (this.#heads.get(event.stream) ?? 0) + 1;
          this.#heads.set(event.stream, seq);
          const position = { id: this.events.length + 1, seq, at: event.at };
          this.events.push({ ...event, ...position });
          return position;
        }),
      })),
    );
  }

  /** The oldest append fails. */
  fail(error: unknown): void {
    this.held.shift()?.reject(error);
  }
}

/** Lets scheduled batches and settled promises run. */
export const turn = async (): Promise<void> => {
  for (let round = 0; round < 3; round += 1) await new Promise((resolve) => setImmediate(resolve));
};
