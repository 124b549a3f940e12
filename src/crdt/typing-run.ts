// The shortest way for the commonest edit: one more piece of text right behind the one that the same client added last, with nothing else
// in between. Such an update is sound because its predecessor was (same parent, same right neighbour, origin is the last clock there is), Yjs would
// emit it byte for byte, and applying many at once gives the same document as one by one. So it need not be applied before it is logged:
// the room applies what has gathered when somebody next needs its document. bench/ says what that saves on a keystroke.

import * as Y from 'yjs';
import type { ParsedUpdate } from './update-parser.js';
import type { Id } from './update-structs.js';
import { kinds } from './update-structs.js';

/** Gathered updates are applied at the latest when there are so many. */
const maxGathered = 256;

export class TypingRun {
  #client = -1;
  /** The clock the next piece must have. */
  #end = 0;
  #rightOrigin: Id | null = null;
  #gathered: Uint8Array[] = [];

  /** Whether the update continues the run. It is then gathered, and counts as accepted. */
  take({ bytes, sections, deletes }: ParsedUpdate): boolean {
    const section = sections[0];
    const struct = section?.structs[0];
    if (!section || !struct || sections.length !== 1 || section.structs.length !== 1 || deletes.length !== 0)
      return false;
    const { origin, client, clock } = struct;
    if (client !== this.#client || clock !== this.#end || struct.kind !== kinds.string || origin === null) return false;
    if (origin.client !== client || origin.clock !== clock - 1 || !isSame(struct.rightOrigin, this.#rightOrigin))
      return false;
    if (this.#gathered.length >= maxGathered) return false;
    this.#gathered.push(bytes);
    this.#end = section.end;
    return true;
  }

  /** After a change was applied: a run may begin at what it left last, if that was one piece of text that Yjs emitted as it came. */
  begin(doc: Y.Doc, { bytes, sections }: ParsedUpdate, emitted: Uint8Array | null): void {
    this.end();
    const section = sections[0];
    if (
      !section ||
      sections.length !== 1 ||
      section.structs.length !== 1 ||
      !emitted ||
      Buffer.compare(bytes, emitted) !== 0
    )
      return;
    const item = doc.store.clients.get(section.client)?.at(-1);
    if (
      !(item instanceof Y.Item) ||
      item.deleted ||
      item.parentSub !== null ||
      !(item.content instanceof Y.ContentString)
    )
      return;
    this.#client = section.client;
    this.#end = section.end;
    this.#rightOrigin = item.rightOrigin;
  }

  /** Nothing may continue the run: something else has changed. */
  end(): void {
    this.#client = -1;
  }

  get pending(): boolean {
    return this.#gathered.length > 0;
  }

  /** Hands over what has gathered, in order, to be applied now. */
  takeGathered(): readonly Uint8Array[] {
    const gathered = this.#gathered;
    this.#gathered = [];
    return gathered;
  }
}

const isSame = (a: Id | null, b: Id | null): boolean =>
  a === b || (a !== null && b !== null && a.client === b.client && a.clock === b.clock);
