// A document behind the gate, as a room keeps one: what passes is applied, what Yjs emits is kept, and the document is checked after
// every update.

import * as Y from 'yjs';
import { assertSound, checkUpdate } from '../../src/crdt/gate.js';
import type { UpdateLimits } from '../../src/crdt/update-limits.js';
import { parseUpdate } from '../../src/crdt/update-parser.js';
import { ContrailError } from '../../src/model/errors.js';

export interface Outcome {
  readonly kind: 'accepted' | 'not-ready' | 'refused';
  /** The rule that refused, otherwise empty. */
  readonly rule: string;
  readonly detail: string;
}

export class GatedDocument {
  readonly doc = new Y.Doc();
  readonly deltas: Uint8Array[] = [];
  repaired = 0;

  constructor() {
    this.doc.on('update', (update: Uint8Array) => this.deltas.push(update));
  }

  offer(bytes: Uint8Array, limits: UpdateLimits): Outcome {
    let parsed: ReturnType<typeof parseUpdate>;
    try {
      parsed = parseUpdate(bytes, limits);
    } catch (thrown) {
      if (!(thrown instanceof ContrailError) || thrown.code !== 'invalid-update') throw thrown;
      return { kind: 'refused', rule: String(thrown.extra['rule']), detail: thrown.detail };
    }
    const verdict = checkUpdate(this.doc, parsed, limits);
    if (verdict.kind === 'refused') return verdict;
    if (verdict.kind === 'not-ready') return { kind: 'not-ready', rule: '', detail: '' };
    const before = this.deltas.length;
    Y.applyUpdate(this.doc, verdict.repaired ?? bytes);
    if (verdict.repaired !== null) this.repaired += 1;
    assertSound(this.doc);
    const emitted = this.deltas.length > before;
    if (emitted !== verdict.news)
      throw new Error(`news was ${verdict.news}, but Yjs emitted ${emitted ? 'an' : 'no'} update`);
    for (const { client, end } of verdict.sections) {
      if (Y.getState(this.doc.store, client) !== end) throw new Error(`client ${client} should be at ${end}`);
    }
    return { kind: 'accepted', rule: '', detail: '' };
  }
}
