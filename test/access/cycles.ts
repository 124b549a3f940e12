// Connections that come, edit and go at any phase: nothing of them may stay behind.

import { readdirSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createLogger } from '../../src/logger.js';
import { until } from '../support/deadline.js';
import { dice } from '../support/random.js';
import { step1Frame } from '../support/raw-client.js';
import { tokenOf, type World, type WorldOptions } from './world.js';

export interface Residue {
  readonly connections: number;
  readonly rooms: number;
  readonly present: number;
  /** More than before, by kind of resource (timers, sockets, …). */
  readonly resources: Readonly<Record<string, number>>;
  readonly descriptors: number;
  /** Memory after the last third of the cycles against memory before it; 1 is the same. */
  readonly memoryRatio: number;
}

const atOnce = 16;

const collect = (): number => {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as () => void;
  gc();
  gc();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
};
const descriptors = (): number => readdirSync('/proc/self/fd').length;
const resources = (): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const kind of process.getActiveResourcesInfo()) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
};

/** The world that `run` is for: idle rooms leave at once, and no line of each connection is kept, which would look like memory that grows. */
export const cyclesWorld: WorldOptions = {
  config: { roomIdleSeconds: 0, maxConnectsPerUser: 0, maxConnectsPerAddress: 0 },
  parts: { logger: createLogger('error') },
};

export const run = async (world: World, count: number, seed: number): Promise<Residue> => {
  const draw = dice(seed);
  const documents = Array.from({ length: 20 }, (_, index) => `plan-${index}`);
  const users = Array.from({ length: 20 }, (_, index) => `user-${index}`);
  const tokens = await Promise.all(
    users.map((user) => tokenOf(user, { documents: Object.fromEntries(documents.map((id) => [id, 'editor'])) })),
  );
  for (const id of documents) await world.document(id);

  const cycle = async (): Promise<void> => {
    const member = world.connect(draw.pick(documents), draw.pick(tokens));
    const phase = draw.below(8);
    const pause = () => new Promise((resolve) => setImmediate(resolve));
    if (phase > 0) await member.opened();
    if (phase > 1) member.send(step1Frame(member.doc));
    if (phase > 2) member.show({ cursor: draw.below(100) });
    if (phase > 3) member.type('x');
    if (phase > 4) await pause();
    if (phase > 5) await member.sync();
    if (phase > 6) await member.ask(draw.pick(['hello', 'lock', 'unlock']));
    world.leave(member);
  };
  const cycles = async (number: number): Promise<void> => {
    let left = number;
    const worker = async () => {
      while (left > 0) {
        left -= 1;
        await cycle();
      }
    };
    await Promise.all(Array.from({ length: atOnce }, worker));
  };
  const counts = async () => {
    const stats = (await world.as('alice', 'GET', '/stats')) as { connections: number; documents: { open: number } };
    const online = (await world.as('alice', 'GET', '/users/online')) as { count: number };
    return { connections: stats.connections, rooms: stats.documents.open, present: online.count };
  };
  const rest = async () => {
    for (const id of documents) await world.as('alice', 'DELETE', `/documents/${id}/lock`);
    await until(
      async () => Object.values(await counts()).every((value) => value === 0),
      'everybody is gone',
      30_000,
    ).catch(() => {}); // what is left is told by the counts below
  };

  await cycles(Math.ceil((count * 2) / 3));
  await rest();
  const before = { resources: resources(), descriptors: descriptors(), memory: collect() };
  await cycles(Math.floor(count / 3));
  await rest();
  const after = { resources: resources(), descriptors: descriptors(), memory: collect() };
  const more: Record<string, number> = {};
  for (const [kind, number] of Object.entries(after.resources))
    if (number > (before.resources[kind] ?? 0)) more[kind] = number - (before.resources[kind] ?? 0);
  return {
    ...(await counts()),
    resources: more,
    descriptors: after.descriptors - before.descriptors,
    memoryRatio: Math.round((after.memory / before.memory) * 1000) / 1000,
  };
};
