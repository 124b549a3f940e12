// What an append costs: CPU time per event over both threads, at several batch sizes, with payloads of 30 bytes.
//   npm run torture -- log-append [events per batch size] [streams]

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSqliteLog } from '../../src/log/sqlite-log.js';
import type { AppendUnit } from '../../src/model/event-log.js';
import { streamName, type UserId } from '../../src/model/ids.js';

const writerUrl = new URL('../../src/writer.js', import.meta.url);
const batchSizes = [1, 10, 50];
const payloadBytes = 30;

const measure = async (count: number, batch: number, streams: number): Promise<void> => {
  const dataDir = await mkdtemp(join(tmpdir(), 'contrail-append-'));
  const log = await openSqliteLog({ dataDir, durability: 'full', writerUrl });
  try {
    const payload = new Uint8Array(payloadBytes).fill(7);
    const units: readonly AppendUnit[][] = Array.from({ length: streams }, (_, index) => [
      {
        events: [
          {
            stream: streamName('doc', `some-document-${index}`),
            kind: 'edit',
            actor: `person-${index}` as UserId,
            at: Date.now(),
            payload,
            meta: null,
          },
        ],
      },
    ]);
    const run = async (events: number): Promise<void> => {
      for (let done = 0; done < events; done += batch) {
        const calls: Promise<unknown>[] = [];
        for (let index = 0; index < batch; index += 1) calls.push(log.append(units[(done + index) % streams] ?? []));
        await Promise.all(calls);
      }
    };
    await run(Math.min(count, 2_000));
    const cpu = process.cpuUsage();
    const started = performance.now();
    await run(count);
    const { user, system } = process.cpuUsage(cpu);
    const wallMs = performance.now() - started;
    console.log(
      `batch ${batch}, ${streams} streams: ${((user + system) / count).toFixed(2)} µs CPU per event ` +
        `(${(user / count).toFixed(2)} user, ${(system / count).toFixed(2)} system), ` +
        `${((wallMs * batch) / count).toFixed(3)} ms per commit`,
    );
  } finally {
    await log.close();
    await rm(dataDir, { recursive: true, force: true });
  }
};

export const torture = async ([count = '50000', streams = '1']: readonly string[]): Promise<void> => {
  for (const batch of batchSizes) {
    await measure(Math.max(1_000, Math.floor((Number(count) * batch) / 50)), batch, Number(streams));
  }
};
