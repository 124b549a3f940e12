// Control requests that change the document's content: `undo`, `redo` (docs/wire.md, "Control messages").

import type { ControlHandler } from '../crdt/control-request.js';
import type { DocumentEdits } from '../crdt/document-edits.js';
import type { Documents } from '../crdt/documents.js';
import { ContrailError } from '../model/errors.js';
import { allows } from '../model/roles.js';

export const editRequests =
  ({ documents, edits }: { readonly documents: Documents; readonly edits: DocumentEdits }): ControlHandler =>
  async ({ room, actor, role }, { do: kind, scope = 'user' }) => {
    if (kind !== 'undo' && kind !== 'redo') return null;
    if (scope !== 'user' && scope !== 'document')
      throw new ContrailError('bad-request', 'scope is "user" or "document".');
    if (!allows(role, 'edit')) throw new ContrailError('forbidden', 'You may read this document, not edit it.');
    const { seq, undone } = await edits.undo(documents.authorize(room.id, actor, 'read').record, actor, {
      kind,
      scope,
    });
    return { seq, undone };
  };
