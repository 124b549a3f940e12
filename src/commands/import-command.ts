// `contrail import`: documents from elsewhere, all of them in one transaction.

import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { DocumentQueries } from '../crdt/document-index.js';
import { BulkWriter } from '../log/bulk-writer.js';
import { LogRefused } from '../log/connection.js';
import { LogReader } from '../log/log-reader.js';
import { asSingleFile } from '../log/maintenance.js';
import { takeOwnerLock } from '../log/owner-lock.js';
import { databaseFile } from '../log/sqlite-log.js';
import { type StagedFile, stageFile } from '../log/staged-file.js';
import { parseUserId, systemActor, type UserId } from '../model/ids.js';
import { systemClock } from '../model/time.js';
import { projections } from '../projections.js';
import { UnreadableSource } from '../transfer/byte-cursor.js';
import { type Invocation, UsageError } from './command.js';
import { DocumentImporter, type ExistingRule, type ImportOutcome } from './document-importer.js';
import { type ExitCode, exitCodes } from './exit-codes.js';
import { archivedDocuments, foreignDocuments, formatOf, type SourceFormat } from './import-source.js';

export const importDocuments = async (invocation: Invocation): Promise<ExitCode> => {
  const source = resolve(invocation.args[0] ?? '');
  const format = (invocation.text('format') as SourceFormat | undefined) ?? formatOf(source);
  const actor = actorOf(invocation, format);
  assertSensible(invocation, format);
  const file = resolve(databaseFile(invocation.config.dataDir));
  const lock = takeOwnerLock(file, systemClock);
  try {
    return await withDatabase(file, async (writer, present) => {
      const importer = new DocumentImporter({
        writer,
        present: present && { log: present, index: new DocumentQueries(present.db) },
        existing: invocation.text('existing') as ExistingRule,
        prefix: invocation.text('prefix') ?? '',
        actor,
        now: systemClock.now,
        random: Math.random,
      });
      return conclude(invocation, await importAll(invocation, { source, format, importer }));
    });
  } catch (error) {
    if (error instanceof UnreadableSource) throw new LogRefused(error.message, { cause: error });
    throw error;
  } finally {
    lock.release();
  }
};

const actorOf = (invocation: Invocation, format: SourceFormat): UserId => {
  const text = invocation.text('as');
  if (text === undefined && format === 'ndjson') return systemActor;
  if (text === undefined)
    throw new UsageError('--as says who the import is attributed to and who owns the documents, e.g. --as migration.');
  if (format === 'ndjson') throw new UsageError('An NDJSON archive brings its own people: leave --as out.');
  const actor = parseUserId(text);
  if (actor !== null && actor !== systemActor) return actor;
  throw new UsageError(`"${text}" is no user id: 1 to 128 characters without control characters, and not "system".`);
};

const assertSensible = (invocation: Invocation, format: SourceFormat): void => {
  for (const option of ['id', 'title'])
    if (invocation.text(option) !== undefined && format !== 'update')
      throw new UsageError(`--${option} is for a single Yjs update (--format update), and this is ${format}.`);
  if (format === 'ndjson' && invocation.text('existing') === 'merge')
    throw new UsageError(
      'Two histories cannot be merged: --existing skip, or --prefix to import beside what is there.',
    );
};

interface Work {
  readonly source: string;
  readonly format: SourceFormat;
  readonly importer: DocumentImporter;
}

const importAll = async (
  invocation: Invocation,
  { source, format, importer }: Work,
): Promise<readonly ImportOutcome[]> => {
  const { terminal } = invocation;
  const outcomes: ImportOutcome[] = [];
  const add = (outcome: ImportOutcome): void => {
    outcomes.push(outcome);
    const { document, outcome: what, events, detail } = outcome;
    const size = what === 'imported' && events > 1 ? ` with ${events} events` : '';
    terminal.report(`${what}: ${document}${size}${detail === null ? '' : ` (${detail})`}`, {
      type: 'document',
      ...outcome,
    });
  };
  const onProgress = (part: number): void => terminal.progress(part, 'importing');
  if (format === 'ndjson') {
    for await (const archived of archivedDocuments(source, onProgress)) add(await importer.importArchive(archived));
    return outcomes;
  }
  const documents = foreignDocuments(source, format, invocation.text('id'));
  for (const [index, document] of documents.entries()) {
    add(await importer.importState(document, invocation.text('title')));
    onProgress((index + 1) / documents.length);
  }
  return outcomes;
};

/** Says what became of everything; whether that is to be kept. */
const conclude = (
  invocation: Invocation,
  outcomes: readonly ImportOutcome[],
): { readonly keep: boolean; readonly code: ExitCode } => {
  const counts: Record<ImportOutcome['outcome'], number> = {
    imported: 0,
    merged: 0,
    unchanged: 0,
    skipped: 0,
    faulty: 0,
  };
  for (const { outcome } of outcomes) counts[outcome] += 1;
  const isRefused = counts.faulty > 0 && !invocation.flag('skipFaulty');
  const isDry = invocation.flag('dryRun');
  const counted = Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([what, count]) => `${count} ${what}`)
    .join(', ');
  const ending = isRefused
    ? ' Nothing was imported (--skip-faulty leaves such documents out).'
    : isDry
      ? ' Nothing was changed.'
      : '';
  invocation.terminal.report(`${outcomes.length} documents: ${counted || 'nothing to do'}.${ending}`, {
    type: 'done',
    ...counts,
    kept: !isRefused && !isDry,
  });
  return { keep: !isRefused && !isDry, code: isRefused ? exitCodes.failed : exitCodes.done };
};

/** Runs `work` in one transaction; a database that is not there yet appears when it is complete. */
const withDatabase = async (
  file: string,
  work: (writer: BulkWriter, present: LogReader | null) => Promise<{ readonly keep: boolean; readonly code: ExitCode }>,
): Promise<ExitCode> => {
  const staged: StagedFile | null = existsSync(file) ? null : stageFile(file);
  try {
    const writer = new BulkWriter(staged?.path ?? file, projections);
    const present = staged ? null : new LogReader(file);
    let outcome: { readonly keep: boolean; readonly code: ExitCode };
    try {
      outcome = await work(writer, present);
      if (outcome.keep) writer.commit();
    } finally {
      present?.close();
      writer.close();
    }
    if (staged && outcome.keep) {
      asSingleFile(staged.path);
      staged.commit();
    }
    return outcome.code;
  } finally {
    staged?.discard();
  }
};
