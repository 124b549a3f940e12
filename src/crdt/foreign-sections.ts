// Sections that come from some server's view document which this one does not know: a flight forgotten long ago, another node's, a database that
// was thrown away. Recognised by shape: everything in them lies under reserved roots (C3).

import type * as Y from 'yjs';
import { isReservedRoot } from './channels.js';
import type { Section } from './update-parser.js';
import { kinds } from './update-structs.js';

export interface ForeignOptions {
  /** A whole state may repeat foreign content; a live edit under a reserved root is the client's own. */
  readonly isSync: boolean;
  /** The Yjs client id that the connection writes under, where it is known. */
  readonly ownClient: number | null;
  /** Called when a client has written under a reserved root itself. */
  readonly refuse: (root: string) => never;
}

export interface ForeignSection {
  readonly section: Section;
  /** One of the reserved roots in it. */
  readonly root: string;
}

/** The foreign ones among the sections, by client. */
export const sortForeign = (
  sections: readonly Section[],
  doc: Y.Doc,
  { isSync, ownClient, refuse }: ForeignOptions,
): ReadonlyMap<number, ForeignSection> => {
  const suspects = new Map<number, ForeignSection>();
  for (const section of sections) {
    const root = reservedRootIn(section);
    if (root === null) continue;
    if (!isSync || section.client === ownClient || doc.store.clients.has(section.client)) refuse(root);
    suspects.set(section.client, { section, root });
  }
  for (const { section, root } of suspects.values()) {
    const isForeign = section.structs.every(({ kind, origin, rightOrigin, parent }) => {
      if (kind === kinds.gc) return true;
      if (typeof parent === 'string') return isReservedRoot(parent);
      return [origin, rightOrigin, parent].every((id) => id === null || suspects.has(id.client));
    });
    if (!isForeign) refuse(root);
  }
  return suspects;
};

const reservedRootIn = ({ structs }: Section): string | null => {
  for (const { parent } of structs) if (typeof parent === 'string' && isReservedRoot(parent)) return parent;
  return null;
};
