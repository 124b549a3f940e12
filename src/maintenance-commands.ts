// `contrail rebuild`, `verify` and `backup`: what an operator does to a database from the command line.

import { existsSync } from 'node:fs';
import { backupLog, rebuildProjections } from './log/maintenance.js';
import { databaseFile } from './log/sqlite-log.js';
import { verifyLog } from './log/verify.js';
import { ContrailError } from './model/errors.js';
import { projections } from './projections.js';

export interface Terminal {
  readonly say: (line: string) => void;
  /** Shows how far a long command is, in parts of 1; only where somebody watches. */
  readonly progress: (part: number) => void;
}

const fileIn = (dataDir: string): string => {
  const file = databaseFile(dataDir);
  if (!existsSync(file))
    throw new ContrailError('not-found', `There is no database at ${file}. DATA_DIR says where it is.`);
  return file;
};

/** Drops the projections and fills them again from the events. Refuses beside a running server. */
export const rebuild = (dataDir: string, { say }: Terminal): number => {
  const file = fileIn(dataDir);
  let damaged = 0;
  rebuildProjections(file, projections, {
    onDamaged: (event) => {
      damaged += 1;
      say(`damaged: ${JSON.stringify(event)}`);
    },
  });
  say(`Rebuilt ${projections.map(({ name }) => name).join(', ')} from the events of ${file}.`);
  return damaged === 0 ? 0 : 1;
};

/** Checks the database from end to end; 1 when something is wrong with it. */
export const verify = (dataDir: string, { say, progress }: Terminal): number => {
  const file = fileIn(dataDir);
  let events = 0;
  let faults = 0;
  const findings = verifyLog(file, {
    projections,
    onEvent: () => {
      events += 1;
      return [];
    },
    onProgress: (id, lastId) => progress(lastId === 0 ? 1 : id / lastId),
  });
  for (const { kind, stream, seq, detail } of findings) {
    faults += 1;
    say([kind, stream ?? '', seq ?? '', detail].filter((part) => part !== '').join(' '));
  }
  say(
    faults === 0 ? `${file}: ${events} events, nothing wrong.` : `${file}: ${events} sound events, ${faults} faults.`,
  );
  return faults === 0 ? 0 : 1;
};

/** Copies the database as of one instant, while a server may go on. */
export const backup = async (dataDir: string, to: string, { say }: Terminal): Promise<number> => {
  if (existsSync(to)) throw new ContrailError('already-exists', `${to} exists already.`);
  const pages = await backupLog(fileIn(dataDir), to);
  say(`Copied ${pages} pages to ${to}.`);
  return 0;
};
