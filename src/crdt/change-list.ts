// What a diff consists of, and the list that gathers it: neighbouring runs of one event become one change.

import type { Json } from '../model/json.js';
import type { Origin } from './event-index.js';

/** Where: the root's name, then keys of maps and attributes of XML (strings) or positions in lists (numbers). */
export type Path = readonly (string | number)[];

interface Place extends Origin {
  readonly path: Path;
}

/** A position counts in the list as it is once the changes before this one are applied; in a text, characters and embeds. */
interface Position extends Place {
  readonly index: number;
}

export type Change =
  | (Position & { readonly type: 'insert'; readonly text: string; readonly attributes?: Attributes })
  | (Position & { readonly type: 'delete'; readonly text: string })
  /** List elements, XML children (as strings), embeds of a text. */
  | (Position & { readonly type: 'insert'; readonly values: readonly Json[]; readonly attributes?: Attributes })
  | (Position & { readonly type: 'delete'; readonly values: readonly Json[] })
  /** Text that stayed and looks different: per format the value before and after, `null` for none. */
  | (Position & {
      readonly type: 'format';
      readonly length: number;
      readonly attributes: Readonly<Record<string, { readonly old: Json; readonly new: Json }>>;
    })
  /** A map entry or an XML attribute; `old` is absent where there was none. */
  | (Place & { readonly type: 'set'; readonly old?: Json; readonly new: Json })
  | (Place & { readonly type: 'remove'; readonly old: Json });

export type Attributes = Readonly<Record<string, Json>>;

export class ChangeList {
  readonly #changes: Change[] = [];

  get all(): readonly Change[] {
    return this.#changes;
  }

  add(change: Change): void {
    const last = this.#changes.at(-1);
    const joined = last === undefined ? null : join(last, change);
    if (joined === null) this.#changes.push(change);
    else this.#changes[this.#changes.length - 1] = joined;
  }
}

/** Both changes as one, or `null` when they are of different events, places or kinds. */
const join = (a: Change, b: Change): Change | null => {
  if (a.seq !== b.seq || a.type !== b.type || a.path !== b.path || !('index' in a) || !('index' in b)) return null;
  if (b.index !== a.index + (a.type === 'delete' ? 0 : lengthOf(a))) return null;
  if (!sameAttributes(a, b)) return null;
  if ('text' in a && 'text' in b) return { ...a, text: a.text + b.text };
  if ('values' in a && 'values' in b) return { ...a, values: [...a.values, ...b.values] };
  if (a.type === 'format' && b.type === 'format') return { ...a, length: a.length + b.length };
  return null;
};

const lengthOf = (change: Change): number => {
  if ('text' in change) return change.text.length;
  if ('values' in change) return change.values.length;
  return change.type === 'format' ? change.length : 0;
};

const sameAttributes = (a: Change, b: Change): boolean =>
  JSON.stringify('attributes' in a ? a.attributes : null) === JSON.stringify('attributes' in b ? b.attributes : null);
