// A check of what Y.UndoManager emits. When it brings back content of a nested type that was itself brought back, it sometimes (Yjs 13.6.33)
// gives an item a right neighbour that does not stand to the right of its left one. The doc that executed the undo then holds the item at
// another place than every doc that applies the update. Whoever executes must notice, and believe the update.

import * as Y from 'yjs';

/** Whether each list item that `update` brought to `doc` has its right origin somewhere to the right of its left origin. */
export const originsAreInOrder = (doc: Y.Doc, update: Uint8Array): boolean =>
  Y.decodeUpdate(update).structs.every(
    (struct) =>
      !(struct instanceof Y.Item) ||
      struct.origin === null ||
      struct.rightOrigin === null ||
      struct.parentSub !== null ||
      isRightOf(doc, struct.rightOrigin, struct.origin),
  );

const isRightOf = (doc: Y.Doc, right: Y.ID, left: Y.ID): boolean => {
  const structs = doc.store.clients.get(left.client);
  const start = structs?.[Y.findIndexSS(structs, left.clock)];
  if (!(start instanceof Y.Item)) return true;
  if (holds(start, right)) return right.clock > left.clock;
  for (let item = start.right; item !== null; item = item.right) if (holds(item, right)) return true;
  return false;
};

const holds = (item: Y.Item, { client, clock }: Y.ID): boolean =>
  item.id.client === client && item.id.clock <= clock && clock < item.id.clock + item.length;
