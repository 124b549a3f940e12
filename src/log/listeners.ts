// A set of listeners of one kind of news. One that throws does not keep the others from hearing it.

export class Listeners<News> {
  readonly #listeners = new Set<{ readonly listener: (news: News) => void }>();
  readonly #onThrow: (error: unknown) => void;

  constructor(onThrow: (error: unknown) => void) {
    this.#onThrow = onThrow;
  }

  get size(): number {
    return this.#listeners.size;
  }

  /** Returns the function that takes the listener away again. */
  add(listener: (news: News) => void): () => void {
    const entry = { listener };
    this.#listeners.add(entry);
    return () => void this.#listeners.delete(entry);
  }

  tell(news: News): void {
    for (const { listener } of this.#listeners) {
      try {
        listener(news);
      } catch (error) {
        this.#onThrow(error);
      }
    }
  }
}
