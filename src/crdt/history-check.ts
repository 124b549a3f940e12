// Whether a history that comes from elsewhere may enter the log as it is: it begins as every document does, and each of its updates is one
// that the gate would let through, or that the server itself might have written.

import * as Y from 'yjs';
import { ContrailError } from '../model/errors.js';
import { type NewEvent, updateKinds } from '../model/events.js';
import { parseUserId } from '../model/ids.js';
import { parseRole } from '../model/roles.js';
import { isReservedRoot } from './channels.js';
import { assertSound, checkUpdate } from './gate.js';
import { importLimits } from './import-check.js';
import { replayInto } from './replay.js';
import { parseUpdate } from './update-parser.js';
import { clientLimit } from './update-structs.js';
import { parseVersionMeta } from './versions.js';

type Checked = Pick<NewEvent, 'kind' | 'payload' | 'meta'> & { readonly seq: number };

export class HistoryCheck {
  readonly #doc = new Y.Doc();

  /** Takes the next event. Throws `invalid-update` or `bad-request` with its seq. */
  add(event: Checked): void {
    try {
      assertMeta(event);
      if (event.payload === null) return;
      if (!updateKinds.has(event.kind)) throw new ContrailError('bad-request', `a ${event.kind} has no payload`);
      this.#apply(event, event.payload);
    } catch (error) {
      if (!(error instanceof ContrailError)) throw error;
      throw new ContrailError(
        error.code === 'internal' ? 'invalid-update' : error.code,
        `seq ${event.seq}: ${error.detail}`,
        {
          cause: error,
        },
      );
    }
  }

  /** The document as it is now, V1. */
  state(): Uint8Array {
    return Y.encodeStateAsUpdate(this.#doc);
  }

  /** Throws `server-owned`. */
  end(): void {
    const reserved = [...this.#doc.share.keys()].find(isReservedRoot);
    this.#doc.destroy();
    if (reserved !== undefined)
      throw new ContrailError('server-owned', `it has a shared type "${reserved}", a name that belongs to the server`);
  }

  #apply(event: Checked, payload: Uint8Array): void {
    const parsed = parseUpdate(payload, importLimits);
    const verdict = checkUpdate(this.#doc, parsed, importLimits);
    if (verdict.kind === 'not-ready') throw new ContrailError('invalid-update', 'it refers to what is not there');
    // Undo and restore write such origins, and the log keeps them as they are.
    if (verdict.kind === 'refused' && !verdict.rule.startsWith('origins-'))
      throw new ContrailError('invalid-update', `${verdict.rule}: ${verdict.detail}`);
    replayInto(this.#doc, [event]);
    assertSound(this.#doc);
  }
}

const assertMeta = ({ seq, kind, meta }: Checked): void => {
  const fault = (detail: string): never => {
    throw new ContrailError('bad-request', detail);
  };
  if ((seq === 1) !== (kind === 'created')) fault('a history begins with "created", and has it once');
  switch (kind) {
    case 'created': {
      const client = meta?.['serverClient'];
      if (typeof meta?.['title'] !== 'string') fault('the document has no title');
      if (!Number.isSafeInteger(client) || Number(client) < 1 || Number(client) >= clientLimit)
        fault('the document has no client id of the server');
      return;
    }
    case 'renamed':
      if (typeof meta?.['title'] !== 'string') fault('it has no title');
      return;
    case 'shared':
      if (parseRole(String(meta?.['role'])) === null) fault('it has no role');
      if (parseUserId(String(meta?.['userId'])) === null) fault('it names nobody');
      return;
    case 'unshared':
      if (parseUserId(String(meta?.['userId'])) === null) fault('it names nobody');
      return;
    case 'version':
      parseVersionMeta(meta);
      return;
    default:
  }
};
