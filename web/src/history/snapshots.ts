// A document as it was at a seq: its text in runs by author, and for rich text its blocks. Read over REST and kept for a while, since the
// slider passes the same places again.

import * as Y from 'yjs';
import { attributionAt, contentName, kindOf, type Run, textAt, updateAt } from '../model/documents.js';
import { RestError } from '../model/rest.js';

/** A block of rich text: an element with children, or a piece of text with its marks and author. */
export type Block =
  | {
      readonly element: string;
      readonly attributes: Readonly<Record<string, unknown>>;
      readonly children: readonly Block[];
    }
  | { readonly run: Run; readonly marks: readonly string[] };

export interface Snapshot {
  readonly seq: number;
  /** Runs in order; neighbours of one author and moment are joined. */
  readonly runs: readonly Run[];
  /** `null` for plain text. */
  readonly blocks: readonly Block[] | null;
}

const maxKept = 200;
/** Runs that came this close together are shown as one. */
const togetherMs = 5_000;

export class Snapshots {
  readonly #id: string;
  readonly #kept = new Map<number, Snapshot>();

  constructor(id: string) {
    this.#id = id;
  }

  kept(seq: number): Snapshot | null {
    return this.#kept.get(seq) ?? null;
  }

  async at(seq: number, signal: AbortSignal): Promise<Snapshot> {
    const kept = this.#kept.get(seq);
    if (kept) return kept;
    const rich = kindOf(this.#id) === 'rich';
    const [runs, update] = await Promise.all([this.#runs(seq, signal), rich ? updateAt(this.#id, seq, signal) : null]);
    const together = joined(runs);
    const snapshot = { seq, runs: together, blocks: update ? blocksOf(update, together) : null };
    this.#kept.set(seq, snapshot);
    const oldest = this.#kept.keys().next().value;
    if (this.#kept.size > maxKept && oldest !== undefined) this.#kept.delete(oldest);
    return snapshot;
  }

  async #runs(seq: number, signal: AbortSignal): Promise<readonly Run[]> {
    try {
      return await attributionAt(this.#id, seq, signal);
    } catch (error) {
      // Without attribution the text is still worth seeing.
      if (!(error instanceof RestError && error.missing)) throw error;
      const text = await textAt(this.#id, seq, signal);
      return text === '' ? [] : [{ text, actor: '', at: '', seq }];
    }
  }
}

export const joined = (runs: readonly Run[]): readonly Run[] => {
  const result: Run[] = [];
  for (const run of runs) {
    const last = result.at(-1);
    if (last && last.actor === run.actor && Math.abs(Date.parse(run.at) - Date.parse(last.at)) < togetherMs)
      result[result.length - 1] = { ...last, text: last.text + run.text };
    else result.push(run);
  }
  return result;
};

/** The blocks of the fragment, whose texts in order are the runs. */
const blocksOf = (update: Uint8Array, runs: readonly Run[]): readonly Block[] => {
  const doc = new Y.Doc();
  Y.applyUpdate(doc, update);
  const queue = runs.map((run) => ({ run, used: 0 }));
  let place = 0;

  const take = (text: string, marks: readonly string[]): Block[] => {
    const blocks: Block[] = [];
    for (let offset = 0; offset < text.length; ) {
      const entry = queue[place];
      const run = entry?.run ?? { text, actor: '', at: '', seq: 0 };
      const used = entry?.used ?? 0;
      const length = entry ? Math.min(text.length - offset, run.text.length - used) : text.length - offset;
      blocks.push({ run: { ...run, text: text.slice(offset, offset + length) }, marks });
      offset += length;
      if (!entry) continue;
      entry.used += length;
      if (entry.used >= run.text.length) place += 1;
    }
    return blocks;
  };

  const walk = (type: Y.XmlFragment | Y.XmlElement): Block[] =>
    type.toArray().flatMap((child): Block[] => {
      if (child instanceof Y.XmlText)
        return (child.toDelta() as { insert: unknown; attributes?: Record<string, unknown> }[]).flatMap(
          ({ insert, attributes = {} }) => (typeof insert === 'string' ? take(insert, Object.keys(attributes)) : []),
        );
      if (child instanceof Y.XmlElement)
        return [{ element: child.nodeName, attributes: child.getAttributes(), children: walk(child) }];
      return [];
    });

  const blocks = walk(doc.getXmlFragment(contentName));
  doc.destroy();
  return blocks;
};
