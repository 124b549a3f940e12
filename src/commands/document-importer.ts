// Puts documents from elsewhere into the log, each by one rule: it is checked first, and becomes events only when all of it is sound.

import * as Y from 'yjs';
import { checkpointIsDue } from '../crdt/checkpoint-rule.js';
import type { DocumentQueries } from '../crdt/document-index.js';
import { HistoryCheck } from '../crdt/history-check.js';
import { checkedDifference, foreignState } from '../crdt/import-check.js';
import { type LogReads, loadState } from '../crdt/replay.js';
import type { BulkWriter } from '../log/bulk-writer.js';
import { asContrailError, ContrailError } from '../model/errors.js';
import { type DocumentId, documentStream, parseDocumentId, type UserId } from '../model/ids.js';
import { type Random, randomClientId } from '../model/time.js';
import { newEventOf } from '../transfer/archive.js';
import type { ForeignDocument } from '../transfer/foreign-document.js';
import type { ArchivedDocument } from './import-source.js';

export type ExistingRule = 'refuse' | 'skip' | 'merge';

export interface ImporterOptions {
  readonly writer: BulkWriter;
  /** What is there already; `null` for a new database. */
  readonly present: { readonly index: DocumentQueries; readonly log: LogReads } | null;
  readonly existing: ExistingRule;
  readonly prefix: string;
  /** Who the import is attributed to; archives bring their own people. */
  readonly actor: UserId;
  readonly now: () => number;
  readonly random: Random;
}

/** What became of one document. */
export interface ImportOutcome {
  readonly document: string;
  readonly outcome: 'imported' | 'merged' | 'unchanged' | 'skipped' | 'faulty';
  /** Events logged. */
  readonly events: number;
  /** What somebody should know; for `faulty`, why. */
  readonly detail: string | null;
}

export class DocumentImporter {
  readonly #options: ImporterOptions;
  readonly #seen = new Set<string>();

  constructor(options: ImporterOptions) {
    this.#options = options;
  }

  /** A document of which only the state is known: it begins with that. `title` is its id unless given. */
  async importState(document: ForeignDocument, title?: string): Promise<ImportOutcome> {
    return this.#outcome(document.name, async (id, isThere) => {
      const { doc: source, leftOut } = foreignState(document.updates);
      try {
        const detail = leftOut === 0 ? null : `left out ${leftOut} bytes that waited for something that nobody has`;
        if (isThere) return { ...(await this.#merge(id, source)), detail };
        const update = checkedDifference(new Y.Doc(), source);
        const { writer, actor, now } = this.#options;
        const serverClient = this.#unusedClient(source);
        const meta = { title: title ?? id, serverClient };
        writer.append({ stream: documentStream(id), kind: 'created', actor, at: now(), payload: update, meta });
        return { outcome: 'imported', events: 1, detail };
      } finally {
        source.destroy();
      }
    });
  }

  /** A document with its history, which stays as it was. */
  async importArchive({ header, events }: ArchivedDocument): Promise<ImportOutcome> {
    return this.#outcome(header.document, async (id, isThere) => {
      if (isThere)
        throw new ContrailError('already-exists', 'two histories cannot be merged; import it under a --prefix');
      const { writer } = this.#options;
      const check = new HistoryCheck();
      const checkpoints = new Map<number, Uint8Array>();
      let [bytesSince, checkpointBytes] = [0, 0];
      for (const event of events) {
        check.add(event);
        bytesSince += event.payload?.length ?? 0;
        if (!checkpointIsDue(bytesSince, checkpointBytes)) continue;
        const state = check.state();
        checkpoints.set(event.seq, state);
        [bytesSince, checkpointBytes] = [0, state.length];
      }
      check.end();
      for (const event of events) {
        writer.append(newEventOf(id, event));
        const state = checkpoints.get(event.seq);
        if (state) writer.checkpoint(documentStream(id), event.seq, state);
      }
      return { outcome: 'imported', events: events.length, detail: null };
    });
  }

  async #outcome(
    name: string,
    work: (id: DocumentId, isThere: boolean) => Promise<Omit<ImportOutcome, 'document'>>,
  ): Promise<ImportOutcome> {
    const document = `${this.#options.prefix}${name}`;
    try {
      const id = parseDocumentId(document);
      if (id === null) throw new ContrailError('bad-request', 'is no document id');
      if (this.#seen.has(id)) throw new ContrailError('already-exists', 'comes twice');
      this.#seen.add(id);
      const record = this.#options.present?.index.find(id) ?? null;
      if (record && this.#options.existing === 'skip') {
        return { document, outcome: 'skipped', events: 0, detail: 'is there already' };
      }
      if (record && record.deletedAt !== null)
        throw new ContrailError('deleted', 'was deleted here, and its id is never given again');
      if (record && this.#options.existing === 'refuse') throw new ContrailError('already-exists', 'is there already');
      return { document, ...(await work(id, record !== null)) };
    } catch (error) {
      const { code, detail } = asContrailError(error);
      if (code === 'internal') throw error;
      return { document, outcome: 'faulty', events: 0, detail };
    }
  }

  /** What the source has and the document has not becomes one edit. */
  async #merge(
    id: DocumentId,
    source: Y.Doc,
  ): Promise<{ readonly outcome: 'merged' | 'unchanged'; readonly events: number }> {
    const { present, writer, actor, now } = this.#options;
    if (!present) throw new ContrailError('not-found', `There is no document "${id}".`);
    const { doc } = await loadState(present.log, id);
    try {
      const update = checkedDifference(doc, source);
      if (update === null) return { outcome: 'unchanged', events: 0 };
      // It names no client ids: they stay free for the people whose pages brought them there (client-owners.ts).
      writer.append({ stream: documentStream(id), kind: 'edit', actor, at: now(), payload: update, meta: null });
      return { outcome: 'merged', events: 1 };
    } finally {
      doc.destroy();
    }
  }

  #unusedClient(source: Y.Doc): number {
    for (;;) {
      const client = randomClientId(this.#options.random);
      if (!source.store.clients.has(client)) return client;
    }
  }
}
