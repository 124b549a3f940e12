// Who wrote what stands in a text: the text of a root as runs, each with the event that brought it. The actor is the event's, never
// something the document says; text that an undo or a restore brought back belongs to whoever did that.

import * as Y from 'yjs';
import { ContrailError } from '../model/errors.js';
import type { EventIndex, Origin } from './event-index.js';
import { hasContent, kindOf, listItems, type SharedType } from './shared-content.js';

export interface TextRun extends Origin {
  readonly text: string;
}

/**
 * The text of root `name` as runs in order; their texts joined are the text. Neighbours that came with one event are one run. `index`
 * must cover the document's events from the first; it may reach further than the document.
 * An XML root yields the runs of the texts in it, in order, without the markup. Throws `bad-request` where the root is another type.
 */
export const attributeText = (doc: Y.Doc, name: string, index: EventIndex): readonly TextRun[] => {
  const root = doc.share.get(name);
  const kind = root === undefined ? null : kindOf(root);
  if (root === undefined || kind === null || !hasContent(root)) return [];
  if (kind === 'map' || kind === 'array' || kind === 'hook')
    throw new ContrailError('bad-request', `The root "${name}" is no text.`, {
      faults: [{ at: '?name', detail: `is of type ${kind}` }],
    });
  const runs: { text: string; origin: Origin }[] = [];
  for (const item of textItems(root)) {
    const text = (item.content as Y.ContentString).str;
    for (let offset = 0; offset < text.length; ) {
      const found = index.find(item.id.client, item.id.clock + offset);
      if (found === null)
        throw new ContrailError('internal', `No event brought the item ${item.id.client}:${item.id.clock + offset}.`);
      const end = Math.min(text.length, found.end - item.id.clock);
      const last = runs.at(-1);
      if (last?.origin === found.origin) last.text += text.slice(offset, end);
      else runs.push({ text: text.slice(offset, end), origin: found.origin });
      offset = end;
    }
  }
  return runs.map(({ text, origin }) => ({ text, ...origin }));
};

function* textItems(type: SharedType): Generator<Y.Item> {
  for (const item of listItems(type)) {
    if (item.deleted) continue;
    if (item.content instanceof Y.ContentString) yield item;
    else if (item.content instanceof Y.ContentType) yield* textItems(item.content.type);
  }
}
