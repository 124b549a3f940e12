// What a reader of a document can see, with the ids of the items behind it, as text that two documents can be compared by. Marks of
// formatting appear as the attributes of the characters they reach: Yjs removes superfluous marks whenever it pleases.

import * as Y from 'yjs';

type SharedType = Y.Doc['share'] extends Map<string, infer Type> ? Type : never;

const plain = (value: unknown): string =>
  JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? `${part}n` : part)) ?? 'undefined';

const dumpItem = (item: Y.Item): string => {
  const id = `${item.id.client}:${item.id.clock}`;
  const { content } = item;
  if (content instanceof Y.ContentType) {
    const { type } = content;
    const name = type instanceof Y.XmlElement ? type.nodeName : type.constructor.name;
    return `${id}<${name}>${dumpType(type)}`;
  }
  if (content instanceof Y.ContentBinary) return `${id}b${Buffer.from(content.content).toString('hex')}`;
  if (content instanceof Y.ContentEmbed) return `${id}e${plain(content.embed)}`;
  return `${id}${content.constructor.name}${plain(content.getContent())}`;
};

const dumpType = (type: SharedType): string => {
  const parts: string[] = [];
  const attributes = new Map<string, string>();
  for (let item = type._start; item !== null; item = item.right) {
    if (item.deleted) continue;
    const { content } = item;
    if (content instanceof Y.ContentFormat) {
      if (content.value === null) attributes.delete(content.key);
      else attributes.set(content.key, plain(content.value));
      continue;
    }
    const dressed = [...attributes].sort().join();
    if (content instanceof Y.ContentString) {
      // One part per unit, since two documents may cut the same text into items differently.
      for (let index = 0; index < content.str.length; index += 1) {
        parts.push(`${item.id.client}:${item.id.clock + index}${plain(content.str[index])}${dressed}`);
      }
    } else if (content instanceof Y.ContentAny) {
      for (const [index, value] of content.arr.entries()) {
        parts.push(`${item.id.client}:${item.id.clock + index}${plain(value)}${dressed}`);
      }
    } else parts.push(dumpItem(item) + dressed);
  }
  const entries: string[] = [];
  for (const [key, item] of type._map) if (!item.deleted) entries.push(`${plain(key)}=${dumpItem(item)}`);
  return `[${parts.join(' ')}]{${entries.sort().join(' ')}}`;
};

export const dumpDocument = (doc: Y.Doc): string => {
  const roots: string[] = [];
  for (const [name, type] of doc.share) {
    const dump = dumpType(type);
    if (dump !== '[]{}') roots.push(`${plain(name)}: ${dump}`);
  }
  const states = [...doc.store.clients.keys()]
    .map((client) => [client, Y.getState(doc.store, client)] as const)
    .sort(([one], [other]) => one - other);
  return `${roots.sort().join('\n')}\n${states.map(([client, clock]) => `${client}@${clock}`).join(' ')}`;
};

/** Throws when the document differs from what its updates, or its own state, give again. */
export const assertReplays = (doc: Y.Doc, deltas: readonly Uint8Array[]): void => {
  const live = dumpDocument(doc);
  const replay = new Y.Doc();
  replay.transact(() => {
    for (const delta of deltas) Y.applyUpdate(replay, delta);
  });
  const reload = new Y.Doc();
  Y.applyUpdate(reload, Y.encodeStateAsUpdate(doc));
  if (dumpDocument(replay) !== live) throw new Error(`replay differs\nlive\n${live}\nreplay\n${dumpDocument(replay)}`);
  if (dumpDocument(reload) !== live) throw new Error(`reload differs\nlive\n${live}\nreload\n${dumpDocument(reload)}`);
};
