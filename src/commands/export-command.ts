// `contrail export`: documents out of the log, as a state or with their whole history.

import { closeSync, openSync, writeSync } from 'node:fs';
import { DocumentQueries, type DocumentRecord } from '../crdt/document-index.js';
import type { StateRequest } from '../crdt/history.js';
import { createHistoryQueries } from '../crdt/history-queries.js';
import { readEvents } from '../crdt/replay.js';
import { LogReader } from '../log/log-reader.js';
import { stageFile } from '../log/staged-file.js';
import { ContrailError } from '../model/errors.js';
import { type DocumentId, documentStream } from '../model/ids.js';
import { eventLine, headerLine } from '../transfer/archive.js';
import { type Invocation, notFound, UsageError } from './command.js';
import { documentIdOf, existingDatabase } from './database.js';
import { type ExitCode, exitCodes } from './exit-codes.js';

type Format = 'json' | 'text' | 'update' | 'ndjson';
type Write = (data: string | Uint8Array) => Promise<void>;

interface Export {
  readonly log: LogReader;
  readonly documents: readonly DocumentRecord[];
  readonly write: Write;
}

export const exportDocuments = async (invocation: Invocation): Promise<ExitCode> => {
  const format = invocation.text('format') as Format;
  const ids = invocation.args.map(documentIdOf);
  assertSensible(invocation, format, ids);
  const log = new LogReader(existingDatabase(invocation));
  try {
    const index = new DocumentQueries(log.db);
    const documents = invocation.flag('all') ? allDocuments(index) : ids.map((id) => present(index, id));
    await withOutput(invocation, async (write) => {
      const work = { log, documents, write };
      if (format === 'ndjson') await writeArchive(work, (part) => invocation.terminal.progress(part, 'exporting'));
      else await writeState(work, { ...(await wantedState(invocation, work)), as: format });
    });
    return exitCodes.done;
  } finally {
    log.close();
  }
};

const assertSensible = (invocation: Invocation, format: Format, ids: readonly DocumentId[]): void => {
  const all = invocation.flag('all');
  if (all === ids.length > 0) throw new UsageError('Name the documents to export, or give --all.');
  if (format !== 'ndjson' && (all || ids.length !== 1))
    throw new UsageError(`--format ${format} writes one document; ndjson can hold several.`);
  const past = invocation.text('seq') !== undefined || invocation.text('time') !== undefined;
  if (past && format === 'ndjson')
    throw new UsageError('--format ndjson writes the whole history, without --seq or --time.');
  if (invocation.text('seq') !== undefined && invocation.text('time') !== undefined)
    throw new UsageError('Give --seq or --time, not both.');
};

const present = (index: DocumentQueries, id: DocumentId): DocumentRecord => {
  const record = index.find(id);
  if (!record) throw notFound(`There is no document "${id}".`);
  if (record.deletedAt !== null) throw new ContrailError('deleted', `The document "${id}" was deleted.`);
  return record;
};

const pageDocuments = 1_000;

/** Oldest first. */
const allDocuments = (index: DocumentQueries): readonly DocumentRecord[] => {
  const documents: DocumentRecord[] = [];
  for (let before = Number.MAX_SAFE_INTEGER; ; ) {
    const page = index.page(before, pageDocuments);
    documents.push(...page);
    const last = page.at(-1);
    if (!last || page.length < pageDocuments) return documents.reverse();
    before = last.createdEvent;
  }
};

const wantedState = async (invocation: Invocation, { log, documents }: Export): Promise<Omit<StateRequest, 'as'>> => {
  const name = invocation.text('name') ?? 'content';
  const seq = invocation.whole('seq', 1);
  const time = invocation.time('time');
  const [document] = documents;
  if (time === undefined || !document) return seq === undefined ? { name } : { name, seq };
  const position = await log.positionAt(documentStream(document.id), time);
  if (!position) throw new ContrailError('seq-not-found', `"${document.id}" began later than that.`);
  return { name, seq: position.seq };
};

const writeState = async ({ log, documents, write }: Export, request: StateRequest): Promise<void> => {
  const history = createHistoryQueries(log);
  for (const { id } of documents) {
    const { state } = await history.stateAt(id, request);
    if (state instanceof Uint8Array) await write(state);
    else
      await write(typeof state === 'string' && request.as === 'text' ? state : `${JSON.stringify(state, null, 2)}\n`);
  }
};

const writeArchive = async ({ log, documents, write }: Export, onProgress: (part: number) => void): Promise<void> => {
  for (const [index, { id, title }] of documents.entries()) {
    const stream = documentStream(id);
    const head = (await log.head(stream))?.seq ?? 0;
    await write(headerLine({ document: id, title, head }));
    for await (const events of readEvents(log, stream, { after: 0, through: head })) {
      await write(events.map(eventLine).join(''));
      onProgress((index + (events.at(-1)?.seq ?? 0) / head) / documents.length);
    }
  }
  onProgress(1);
};

/** To stdout, or to a file that appears when it is complete. */
const withOutput = async (invocation: Invocation, work: (write: Write) => Promise<void>): Promise<void> => {
  const out = invocation.text('out');
  if (out === undefined) return work((data) => invocation.terminal.write(data));
  const staged = stageFile(out);
  try {
    const handle = openSync(staged.path, 'w');
    try {
      await work(async (data) => {
        const bytes = Buffer.from(data);
        for (let at = 0; at < bytes.length; ) at += writeSync(handle, bytes, at);
      });
    } finally {
      closeSync(handle);
    }
    staged.commit();
  } finally {
    staged.discard();
  }
  invocation.terminal.report(`Wrote ${out}.`, { type: 'done', out });
};
