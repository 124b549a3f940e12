// `contrail rebuild`: the tables for queries, filled again from the events.

import { rebuildProjections } from '../log/maintenance.js';
import { projections } from '../projections.js';
import type { Invocation } from './command.js';
import { existingDatabase } from './database.js';
import { type ExitCode, exitCodes } from './exit-codes.js';

export const rebuild = async (invocation: Invocation): Promise<ExitCode> => {
  const { terminal } = invocation;
  const file = existingDatabase(invocation);
  let damaged = 0;
  rebuildProjections(file, projections, {
    onDamaged: (stream, seq) => {
      damaged += 1;
      terminal.report(`${stream} ${seq}: the event is damaged and left out`, { type: 'damaged', stream, seq });
    },
    onProgress: (part, name) => terminal.progress(part, `rebuilding ${name}`),
  });
  const names = projections.map(({ name }) => name);
  terminal.report(`Rebuilt ${names.join(', ')} from the events of ${file}.`, {
    type: 'done',
    file,
    projections: names,
    damaged,
  });
  return damaged === 0 ? exitCodes.done : exitCodes.failed;
};
