// Random edits of a document that has a root of every type: what three people might do to it.

import * as Y from 'yjs';
import type { Dice } from './random.js';

export type EditKind = 'text' | 'format' | 'map' | 'array' | 'nested' | 'xml';
export const allEditKinds: readonly EditKind[] = ['text', 'format', 'map', 'array', 'nested', 'xml'];

/** Makes one random edit in one transaction. Text consists of the first letter of `author` alone. */
export const randomEdit = (
  doc: Y.Doc,
  author: string,
  { below, chance, pick, ...rest }: Dice,
  kinds = allEditKinds,
): void => {
  const dice: Dice = { below, chance, pick, ...rest };
  doc.transact(() => {
    const kind = pick(kinds);
    if (kind === 'text') editText(doc.getText('content'), author, dice);
    else if (kind === 'format') formatText(doc.getText('content'), dice);
    else if (kind === 'map') editMap(doc.getMap('m'), author, dice);
    else if (kind === 'array') editArray(doc.getArray('a'), author, dice);
    else if (kind === 'nested') editNested(doc.getMap('n'), author, dice);
    else editXml(doc.getXmlFragment('x'), author, dice);
  });
};

const editText = (text: Y.Text, author: string, { below, chance }: Dice): void => {
  const letter = author.slice(0, 1);
  if (chance(0.65) || text.length < 2) text.insert(below(text.length + 1), letter.repeat(1 + below(4)));
  else {
    const index = below(text.length - 1);
    text.delete(index, 1 + below(Math.min(3, text.length - index)));
  }
};

const formatText = (text: Y.Text, { below, chance, pick }: Dice): void => {
  if (text.length === 0) text.insert(0, '.');
  if (chance(0.15)) text.insertEmbed(below(text.length + 1), { image: below(9) });
  else {
    const index = below(text.length);
    const length = 1 + below(text.length - index);
    text.format(index, length, { [pick(['bold', 'color'])]: pick([true, 'red', null]) });
  }
};

const editMap = (map: Y.Map<unknown>, author: string, { below, chance, pick }: Dice): void => {
  const key = pick(['k0', 'k1', 'k2', '__proto__']);
  if (chance(0.75)) map.set(key, pick([author + below(99), below(99), null, { deep: [below(9)] }]));
  else map.delete(key);
};

const editArray = (array: Y.Array<unknown>, author: string, { below, chance }: Dice): void => {
  if (chance(0.65) || array.length === 0)
    array.insert(
      below(array.length + 1),
      Array.from({ length: 1 + below(3) }, () => author + below(99)),
    );
  else {
    const index = below(array.length);
    array.delete(index, 1 + below(Math.min(3, array.length - index)));
  }
};

const editNested = (map: Y.Map<unknown>, author: string, dice: Dice): void => {
  const { chance, pick } = dice;
  const key = pick(['p', 'q']);
  const held = map.get(key);
  if (held === undefined || chance(0.15))
    map.set(key, pick([new Y.Map(), new Y.Array(), new Y.Text(author.slice(0, 1))]));
  else if (chance(0.1)) map.delete(key);
  else if (held instanceof Y.Text) editText(held, author, dice);
  else if (held instanceof Y.Array) editArray(held, author, dice);
  else if (held instanceof Y.Map) editMap(held, author, dice);
};

const editXml = (parent: Y.XmlFragment, author: string, dice: Dice): void => {
  const { below, chance, pick } = dice;
  const children = parent.toArray();
  if (children.length === 0 || chance(0.3)) {
    const child = chance(0.5) ? new Y.XmlElement(pick(['p', 'li'])) : new Y.XmlText(author.slice(0, 1));
    parent.insert(below(parent.length + 1), [child]);
  } else if (chance(0.2)) parent.delete(below(parent.length), 1);
  else {
    const child = pick(children);
    if (child instanceof Y.XmlText) {
      if (chance(0.3)) child.format(0, child.length, { b: pick([{}, null]) });
      else editText(child, author, dice);
    } else if (child instanceof Y.XmlElement) {
      if (chance(0.3)) child.setAttribute(pick(['class', 'id']), author + below(9));
      else if (chance(0.1)) child.removeAttribute('class');
      else editXml(child, author, dice);
    }
  }
};
