// `contrail verify`: what is wrong with a database, by stream and seq.

import { existsSync } from 'node:fs';
import { checkReplay } from '../crdt/replay-check.js';
import { LogReader } from '../log/log-reader.js';
import { type Finding, type SeenStream, verifyLog } from '../log/verify.js';
import { type DocumentId, parseStreamName } from '../model/ids.js';
import { projections } from '../projections.js';
import { type Invocation, notFound } from './command.js';
import { existingDatabase } from './database.js';
import { type ExitCode, exitCodes } from './exit-codes.js';
import type { Terminal } from './terminal.js';

export interface CheckResult {
  readonly events: number;
  readonly documents: number;
  readonly faults: number;
}

export const verify = async (invocation: Invocation): Promise<ExitCode> => {
  const [given] = invocation.args;
  if (given !== undefined && !existsSync(given)) throw notFound(`There is no file ${given}.`);
  const file = given ?? existingDatabase(invocation);
  const { terminal } = invocation;
  const { events, documents, faults } = await checkDatabase(file, terminal);
  const outcome = faults === 0 ? 'nothing wrong' : `${faults} fault${faults === 1 ? '' : 's'}`;
  terminal.report(`${file}: ${events} events, ${documents} documents, ${outcome}.`, {
    type: 'done',
    file,
    events,
    documents,
    faults,
  });
  return faults === 0 ? exitCodes.done : exitCodes.failed;
};

/** Checks everything and reports each fault as it is found. Throws `LogRefused` for what is no Contrail database of this version. */
export const checkDatabase = async (file: string, terminal: Terminal): Promise<CheckResult> => {
  let events = 0;
  let faults = 0;
  /** Events by stream and seq that were named already. */
  const named = new Set<string>();
  const streams: SeenStream[] = [];
  const report = (found: Finding): void => {
    const { kind, stream, seq, detail } = found;
    const place = `${kind === 'checkpoint' ? kind : 'event'} ${seq} ${stream}`;
    if (seq !== null && kind !== 'projection') {
      if (named.has(place) && kind !== 'gap') return;
      named.add(place);
    }
    faults += 1;
    const line = [kind, stream, seq, detail].filter((part) => part !== null).join(' ');
    terminal.report(line, { type: 'finding', ...found });
  };
  const findings = verifyLog(file, {
    projections,
    onEvent: () => {
      events += 1;
      return [];
    },
    onProgress: (id, lastId) => terminal.progress(lastId === 0 ? 0.5 : id / lastId / 2, 'reading events'),
    onStream: (seen) => streams.push(seen),
  });
  for (const found of findings) report(found);
  const documents = streams.filter(({ stream }) => parseStreamName(stream)?.type === 'doc');
  if (documents.length > 0) await replayAll(file, documents, { report, terminal });
  terminal.progress(1, 'checking');
  return { events, documents: documents.length, faults };
};

const replayAll = async (
  file: string,
  documents: readonly SeenStream[],
  { report, terminal }: { readonly report: (found: Finding) => void; readonly terminal: Terminal },
): Promise<void> => {
  const log = new LogReader(file);
  try {
    for (const [index, { stream, checkpoints }] of documents.entries()) {
      terminal.progress(0.5 + index / documents.length / 2, 'replaying documents');
      const id = (parseStreamName(stream)?.name ?? '') as DocumentId;
      for (const fault of await checkReplay(log, id, checkpoints)) report({ stream, ...fault });
    }
  } finally {
    log.close();
  }
};
