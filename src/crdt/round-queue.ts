// Work that happens one after the other: tasks in rounds of what has gathered, and steps each by itself, in the order of the calls.

export type Step = () => Promise<void>;

const maxRound = 64;

export class RoundQueue<Task extends object> {
  readonly #round: (tasks: readonly Task[]) => Promise<void>;
  readonly #onFault: (error: unknown) => void;
  #items: (Task | Step)[] = [];
  #running = false;
  #work: Promise<void> = Promise.resolve();

  /** `onFault` hears of what a round or a step throws; the next one follows nonetheless. */
  constructor(round: (tasks: readonly Task[]) => Promise<void>, onFault: (error: unknown) => void) {
    this.#round = round;
    this.#onFault = onFault;
  }

  push(item: Task | Step): void {
    this.#items.push(item);
    if (this.#running) return;
    this.#running = true;
    // What is pushed within one tick shares a round.
    this.#work = Promise.resolve().then(() => this.#run());
  }

  /** Resolves once nothing is under way or waits. */
  async idle(): Promise<void> {
    while (this.#running) await this.#work;
  }

  /** Puts tasks of the round under way back to the front. */
  again(tasks: readonly Task[]): void {
    this.#items.unshift(...tasks);
  }

  async #run(): Promise<void> {
    while (this.#items.length > 0) {
      const [first] = this.#items;
      try {
        if (typeof first === 'function') {
          this.#items.shift();
          await first();
        } else await this.#round(this.#takeTasks());
      } catch (error) {
        this.#onFault(error);
      }
    }
    this.#running = false;
  }

  #takeTasks(): readonly Task[] {
    const upTo = this.#items.findIndex((item, index) => typeof item === 'function' || index >= maxRound);
    return this.#items.splice(0, upTo < 0 ? this.#items.length : upTo) as Task[];
  }
}
