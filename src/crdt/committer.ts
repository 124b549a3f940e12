// Takes what all rooms have pending and appends it as one batch, one batch at a time: while it is being made durable, the next collects.

import type { AppendOutcome, AppendUnit, EventLog } from '../model/event-log.js';

export interface Committable {
  /** Hands over everything pending as one unit. Only called after `enlist`. */
  take(): AppendUnit;
  /** The unit taken last is durable. */
  committed(outcome: AppendOutcome): void;
  /** The unit taken last is not in the log. */
  failed(error: unknown): void;
}

export class Committer {
  readonly #log: EventLog;
  readonly #onVisible: () => void;
  #waiting: Committable[] = [];
  #busy = false;
  #scheduled = false;

  /** `onVisible` is told each time the members have heard of a durable batch. */
  constructor(log: EventLog, onVisible: () => void = () => {}) {
    this.#log = log;
    this.#onVisible = onVisible;
  }

  /** Asks for `member.take()` with the next batch. Call once per batch. */
  enlist(member: Committable): void {
    this.#waiting.push(member);
    if (this.#busy || this.#scheduled) return;
    this.#scheduled = true;
    // After the poll phase: frames that arrived together share a batch. An idle server still commits at once.
    setImmediate(() => {
      this.#scheduled = false;
      void this.#commit();
    });
  }

  async #commit(): Promise<void> {
    this.#busy = true;
    for (let round = 0; this.#waiting.length > 0; round += 1) {
      // What has come in while the writer had the processor shares the next batch.
      if (round > 0) await new Promise((resolve) => setImmediate(resolve));
      const batch = this.#waiting;
      this.#waiting = [];
      try {
        const outcomes = await this.#log.append(batch.map((member) => member.take()));
        for (const [index, member] of batch.entries()) member.committed(outcomes[index] as AppendOutcome);
        this.#onVisible();
      } catch (error) {
        for (const member of batch) member.failed(error);
      }
    }
    this.#busy = false;
  }
}
