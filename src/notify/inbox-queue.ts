// One change of an inbox at a time: what a change does to a window is worked out from the inbox as it stands, so the next one waits until
// this one is durable. Different inboxes do not wait for each other.

/**
 * ### Ordering
 * Tasks that share a key run in the order of the calls to `run`. A task with several keys waits for the last task of each; it takes its
 * place in all of these queues at once, so everybody waits for earlier calls only and nobody can wait in a circle.
 *
 * ### Failure
 * A task that fails rejects its own promise and nobody else's.
 */
export class InboxQueue {
  readonly #tails = new Map<string, Promise<void>>();

  async run<Result>(keys: readonly string[], task: () => Promise<Result>): Promise<Result> {
    const earlier = keys.map((key) => this.#tails.get(key)).filter((tail) => tail !== undefined);
    let finish = (): void => {};
    const done = new Promise<void>((resolve) => {
      finish = resolve;
    });
    for (const key of keys) this.#tails.set(key, done);
    try {
      if (earlier.length > 0) await Promise.all(earlier);
      return await task();
    } finally {
      for (const key of keys) if (this.#tails.get(key) === done) this.#tails.delete(key);
      finish();
    }
  }

  /** Whether a task for this key is under way or waits. */
  isBusy(key: string): boolean {
    return this.#tails.has(key);
  }

  /** Resolves when what was under way for this key at the time of the call has ended. */
  async settled(key: string): Promise<void> {
    await this.#tails.get(key);
  }
}
