// Whether a commit of a room is under way, and who waits for its end.

export class CommitTurn {
  #active = false;
  #waiting: (() => void)[] = [];

  get active(): boolean {
    return this.#active;
  }

  begin(): void {
    this.#active = true;
  }

  end(): void {
    this.#active = false;
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  /** Resolves when no commit is under way: what was handed over is then in the log, or never will be. */
  ended(): Promise<void> {
    return this.#active ? new Promise((resolve) => this.#waiting.push(resolve)) : Promise.resolve();
  }
}
