// Random but honest editing of Yjs documents: texts with formats and embeds, maps, arrays and XML, nested, with undo. What an edit does
// is decided by four numbers, so that fast-check can shrink a program and a seed can repeat one.

import * as Y from 'yjs';

export type Numbers = readonly [kind: number, a: number, b: number, c: number];

/** Mulberry32: a number in [0, 1) from a 32-bit seed. */
export const seededRandom = (seed: number): (() => number) => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
};

export const randomNumbers = (random: () => number): Numbers => [
  Math.floor(random() * 1000),
  Math.floor(random() * 1000),
  Math.floor(random() * 1000),
  Math.floor(random() * 1000),
];

const words = ['a', 'hello', ' ', '\n', '😀', 'x😀y', 'é', 'lorem ipsum dolor', '日本', 'e\u0301'];
const values: readonly unknown[] = [
  1,
  -1,
  0.5,
  1e300,
  2 ** 40,
  'text',
  '',
  true,
  false,
  null,
  undefined,
  { a: [1, { b: 'c' }], d: null },
  [1, [2, [3]]],
  new Uint8Array([1, 2, 3]),
  12n,
  '😀',
];
/** Y.Array takes neither `undefined` nor a bigint by itself. */
const listValues = values.filter((value) => value !== undefined && typeof value !== 'bigint');
const formats: readonly Record<string, unknown>[] = [
  { bold: true },
  { bold: null },
  { italic: true, color: 'red' },
  { color: { deep: [1] } },
  { color: null },
];

const pick = <Value>(list: readonly Value[], number: number): Value => list[number % list.length] as Value;

type NestedType = Y.Map<unknown> | Y.Array<string | number> | Y.Text | Y.XmlElement;

const newType = (number: number): NestedType => {
  const made: readonly (() => NestedType)[] = [
    () => new Y.Map<unknown>([['k', number]]),
    () => Y.Array.from<string | number>([number, 'x']),
    () => new Y.Text('nested'),
    () => new Y.XmlText('xml text'),
    () => new Y.XmlElement('p'),
    () => new Y.Map(),
  ];
  return pick(made, number)();
};

/**
 * Moves an index out of the middle of a surrogate pair, as editors do: Yjs makes replacement characters of a pair that it splits, and
 * does so on one peer alone when the edit that split it comes to nothing (yjs/yjs#248).
 */
const betweenCharacters = (text: Y.Text, index: number): number => {
  let left = index;
  for (let item = text._start; item !== null; item = item.right) {
    if (item.deleted || !item.countable) continue;
    if (left < item.length) {
      const unit = item.content instanceof Y.ContentString ? item.content.str.charCodeAt(left) : 0;
      return left > 0 && unit >= 0xdc00 && unit <= 0xdfff ? index - 1 : index;
    }
    left -= item.length;
  }
  return index;
};

const editText = (text: Y.Text, [, a, b, c]: Numbers): void => {
  const at = betweenCharacters(text, a % (text.length + 1));
  const length = betweenCharacters(text, Math.min(at + (b % 6), text.length)) - at;
  switch (c % 8) {
    case 0:
    case 1:
    case 2:
      text.insert(at, pick(words, b));
      return;
    case 3:
      text.insert(at, pick(words, b), pick(formats, a));
      return;
    case 4:
      text.insertEmbed(at, b % 2 === 0 ? { image: 'x' } : newType(b));
      return;
    case 5:
      if (length > 0) text.format(at, length, pick(formats, b));
      return;
    case 6:
      text.applyDelta([{ retain: at }, { insert: pick(words, a) }, { delete: length }]);
      return;
    default:
      if (length > 0) text.delete(at, length);
  }
};

const editMap = (map: Y.Map<unknown>, [, a, b, c]: Numbers): void => {
  const key = `key${a % 4}`;
  if (c % 5 === 0) map.delete(key);
  else if (c % 5 < 3) map.set(key, pick(values, b));
  else map.set(key, newType(b));
};

const editArray = (array: Y.Array<unknown>, [, a, b, c]: Numbers): void => {
  const at = a % (array.length + 1);
  if (c % 4 === 0) array.delete(at, Math.min(b % 4, array.length - at));
  else if (c % 4 === 1) array.insert(at, [newType(b)]);
  else array.insert(at, [pick(listValues, b), pick(listValues, c)]);
};

const editXml = (xml: Y.XmlFragment, [, a, b, c]: Numbers): void => {
  const at = a % (xml.length + 1);
  if (c % 5 === 0) xml.delete(at, Math.min(b % 3, xml.length - at));
  else if (c % 5 === 1 && xml instanceof Y.XmlElement) xml.setAttribute(`attr${a % 3}`, `${b}`);
  else if (c % 5 === 2) xml.insert(at, [new Y.XmlText(pick(words, b))]);
  else xml.insert(at, [new Y.XmlElement(pick(['p', 'table', 'tr', 'td'], b))]);
};

const editType = (type: unknown, numbers: Numbers): void => {
  if (type instanceof Y.Text) editText(type, numbers);
  else if (type instanceof Y.Map) editMap(type, numbers);
  else if (type instanceof Y.Array) editArray(type, numbers);
  else if (type instanceof Y.XmlFragment) editXml(type, numbers);
};

/** Goes down into nested types, as far as the numbers say. */
const descend = (type: unknown, numbers: Numbers): unknown => {
  let [at] = numbers;
  let current = type;
  for (; at % 3 !== 0; at = Math.floor(at / 3)) {
    const children =
      current instanceof Y.Map
        ? [...current.values()]
        : current instanceof Y.Array || current instanceof Y.XmlFragment
          ? current.toArray()
          : [];
    const types = children.filter((child) => child instanceof Y.AbstractType);
    if (types.length === 0) return current;
    current = pick(types, at);
  }
  return current;
};

export class Editor {
  readonly doc = new Y.Doc();
  readonly #undo: Y.UndoManager;

  constructor(client: number) {
    this.doc.clientID = client;
    this.#undo = new Y.UndoManager(this.#roots(), { captureTimeout: 0, trackedOrigins: new Set([null]) });
  }

  #roots() {
    const { doc } = this;
    return [doc.getText('text'), doc.getMap('map'), doc.getArray('array'), doc.getXmlFragment('xml')];
  }

  edit(numbers: Numbers): void {
    const [kind, a] = numbers;
    if (kind % 20 === 7) this.#undo.undo();
    else if (kind % 20 === 13) this.#undo.redo();
    else if (kind % 10 === 4) {
      this.doc.transact(() => {
        for (let times = 2 + (a % 3); times > 0; times -= 1)
          this.#once([kind + times, a + times, numbers[2], numbers[3]]);
      });
    } else this.#once(numbers);
  }

  #once(numbers: Numbers): void {
    const root = pick(this.#roots(), numbers[1] + numbers[3]);
    editType(descend(root, numbers), numbers);
  }
}
