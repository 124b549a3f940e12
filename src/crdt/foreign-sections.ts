// Sections that come from some server's view document which this one does not know: a flight forgotten long ago, another node's, a database that
// was thrown away. Recognised by shape: everything in them lies under reserved roots (C3).

import type * as Y from 'yjs';
import type { ParsedUpdate, Section } from './update-parser.js';
import { kinds } from './update-structs.js';

export interface ForeignOptions {
  /** A whole state may repeat foreign content; a live edit under a reserved root is the client's own. */
  readonly isSync: boolean;
  /** The Yjs client id that the connection writes under, where it is known. */
  readonly ownClient: number | null;
  /** Clients that were recognised otherwise. */
  readonly dropped: ReadonlySet<number>;
  readonly isReserved: (root: string) => boolean;
  /** Called, and expected to throw, when a client has written under a reserved root itself. */
  readonly refuse: (root: string) => void;
}

/** The clients of foreign sections. */
export const sortForeign = (parsed: ParsedUpdate, doc: Y.Doc, options: ForeignOptions): ReadonlySet<number> => {
  const suspects = new Map<number, { readonly section: Section; readonly root: string }>();
  for (const section of parsed.sections) {
    if (options.dropped.has(section.client)) continue;
    const root = reservedRoot(section, options.isReserved);
    if (root !== null) suspects.set(section.client, { section, root });
  }
  if (suspects.size === 0) return new Set();
  for (const [client, { root }] of suspects) {
    if (!options.isSync || client === options.ownClient || doc.store.clients.has(client)) options.refuse(root);
  }
  for (const { section, root } of suspects.values()) {
    const foreign = section.structs.every(({ kind, origin, rightOrigin, parent }) => {
      if (kind === kinds.gc) return true;
      if (typeof parent === 'string') return options.isReserved(parent);
      return [origin, rightOrigin, parent].every((id) => id === null || suspects.has(id.client));
    });
    if (!foreign) options.refuse(root);
  }
  return new Set(suspects.keys());
};

const reservedRoot = ({ structs }: Section, isReserved: (root: string) => boolean): string | null => {
  for (const { parent } of structs) if (typeof parent === 'string' && isReserved(parent)) return parent;
  return null;
};
