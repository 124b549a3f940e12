// The process that crash.ts kills: appends units of two events as fast as it can and says on stdout which are acknowledged.

import { writeSync } from 'node:fs';
import { streamName } from '../../src/model/ids.js';
import { edit } from './event-log.contract.js';
import { openLog } from './temporary-log.js';

const [, , dataDir = ''] = process.argv;
const log = await openLog(dataDir);
const pair = streamName('doc', 'pair');
const appendForEver = async (name: string): Promise<void> => {
  const stream = streamName('doc', name);
  for (let size = 1; ; size = (size * 7) % 5_003) {
    const payload = new Uint8Array(size);
    const [outcome] = await log.append([{ events: [edit(stream, { payload }), edit(pair)] }]);
    if (!outcome?.ok) throw new Error('a conflict');
    const [first, second] = outcome.positions;
    writeSync(1, `${first?.id} ${stream} ${first?.seq}.\n${second?.id} ${pair} ${second?.seq}.\n`);
  }
};
await Promise.all([appendForEver('a'), appendForEver('b'), appendForEver('a')]);
