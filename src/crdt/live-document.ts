// The Y.Doc of a room: takes accepted updates, and says what Yjs made of each. Throws when the document can no longer be trusted;
// it is then to be thrown away with its room, never repaired.

import * as Y from 'yjs';
import { assertSound } from './gate.js';
import { TypingRun } from './typing-run.js';
import type { ParsedUpdate } from './update-parser.js';

/** Called with each update that changed the document, and the cause given with it; `null` for what Yjs tidies up by itself. */
export type Emitted<Cause> = (update: Uint8Array, cause: Cause | null) => void;

export class LiveDocument<Cause extends object> {
  readonly #doc: Y.Doc;
  readonly #typing = new TypingRun();
  readonly #emitted: Emitted<Cause>;
  #cause: Cause | null = null;
  #last: Uint8Array | null = null;
  /** What is told instead of what Yjs emits. */
  #verbatim: Uint8Array | null = null;

  constructor(doc: Y.Doc, emitted: Emitted<Cause>) {
    this.#doc = doc;
    this.#emitted = emitted;
    doc.on('update', (update: Uint8Array, origin: unknown) => {
      if (origin === this.#typing) return;
      const cause = origin !== null && origin === this.#cause ? this.#cause : null;
      if (cause) this.#last = update;
      this.#emitted((cause && this.#verbatim) ?? update, cause);
    });
  }

  /** The document, with everything that was taken. For reading alone. */
  get doc(): Y.Doc {
    if (this.#typing.pending) {
      const updates = this.#typing.takeGathered();
      this.#doc.transact(() => {
        for (const update of updates) Y.applyUpdate(this.#doc, update);
      }, this.#typing);
      assertSound(this.#doc);
    }
    return this.#doc;
  }

  /** Takes an update that merely continues what its client typed last; `false` when it does not, and the gate must decide. */
  type(parsed: ParsedUpdate, cause: Cause): boolean {
    if (!this.#typing.take(parsed)) return false;
    this.#emitted(parsed.bytes, cause);
    return true;
  }

  /** Applies an update that the gate has accepted. */
  apply(parsed: ParsedUpdate, cause: Cause): void {
    this.#change(parsed.bytes, cause);
    this.#typing.begin(this.#doc, parsed, this.#last);
  }

  /**
   * Applies an update of the server's own making and tells it byte for byte as given: what Yjs emits for it may be encoded otherwise, and
   * replay compares bytes (undo-replica.ts).
   */
  write(update: Uint8Array, cause: Cause): void {
    this.#verbatim = update;
    try {
      if (!this.#change(update, cause)) this.#emitted(update, cause);
    } finally {
      this.#verbatim = null;
    }
  }

  /** `false` when nothing changed, and nothing was emitted. */
  #change(update: Uint8Array, cause: Cause): boolean {
    const { doc } = this;
    this.#typing.end();
    this.#cause = cause;
    this.#last = null;
    try {
      Y.applyUpdate(doc, update, cause);
    } finally {
      this.#cause = null;
    }
    assertSound(doc);
    return this.#last !== null;
  }

  destroy(): void {
    this.#doc.destroy();
  }
}
