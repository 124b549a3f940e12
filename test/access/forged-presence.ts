// Forged awareness frames by the thousand: foreign client ids, huge clocks, nulls, deep and large JSON. Watches what everybody else sees.

import * as encoding from 'lib0/encoding';
import { until } from '../support/deadline.js';
import { type Dice, dice } from '../support/random.js';
import { awarenessFrame } from '../support/raw-client.js';
import type { Member } from './member.js';
import type { World } from './world.js';

interface Entry {
  readonly client: number;
  readonly clock: number;
  readonly state: string;
}

const frameOf = (entries: readonly Entry[]): Uint8Array =>
  awarenessFrame(
    encoding.encode((encoder) => {
      encoding.writeVarUint(encoder, entries.length);
      for (const { client, clock, state } of entries) {
        encoding.writeVarUint(encoder, client);
        encoding.writeVarUint(encoder, clock);
        encoding.writeVarString(encoder, state);
      }
    }),
  );

const forgedState = (draw: Dice): string =>
  draw.pick([
    () => 'null',
    () => '{"user":{"id":"alice","name":"Alice"}}',
    () => '{"user":{"id":"bob"},"cursor":{"anchor":1}}',
    () => '{"user":{"id":"alice"},"user":{"id":"bob","name":"Bob"}}',
    () => '{"user":"alice"}',
    () => '{"user":["alice"],"name":"Alice"}',
    () => '{"__proto__":{"user":{"id":"alice"}},"user":{"__proto__":{"id":"bob"}}}',
    () => '{}',
    () => '[]',
    () => '"alice"',
    () => '{"user":',
    () => `{"deep":${'['.repeat(draw.below(5_000))}${']'.repeat(20)}}`,
    () => `{"big":"${'x'.repeat(draw.below(20_000))}"}`,
  ])();

/** Sends `count` frames as mallory into a document where alice and bob are; returns what was seen that should not have been. */
export const run = async (world: World, count: number, seed: number): Promise<readonly string[]> => {
  const draw = dice(seed);
  const faults = new Set<string>();
  await world.document('plan', { bob: 'editor', carol: 'viewer', mallory: 'editor' });
  const [alice, bob] = [await world.join('plan', 'alice', { name: 'Alice' }), await world.join('plan', 'bob')];
  const watcher = await world.join('plan', 'carol');
  alice.show({ user: { name: 'Mallory', color: 'red' }, cursor: { anchor: 3 } });
  bob.show({ user: { id: 'alice', name: 'Bob' }, typing: true });
  watcher.show({ status: 'away' });
  const victims = new Map([
    [alice.doc.clientID, '{"user":{"name":"Alice","color":"red","id":"alice"},"cursor":{"anchor":3}}'],
    [bob.doc.clientID, '{"user":{"id":"bob","name":"Bob"},"typing":true}'],
    [watcher.doc.clientID, '{"status":"away"}'],
  ]);
  await until(() => watcher.awareness.getStates().size === 3, 'all three are seen');
  watcher.awareness.on('update', () => {
    const states = watcher.awareness.getStates();
    for (const [client, wanted] of victims) {
      const seen = JSON.stringify(states.get(client));
      if (seen !== wanted) faults.add(`${client} is seen as ${seen}`);
    }
    for (const [client, state] of states) {
      const shown = (state as { user?: { id?: unknown } }).user?.id;
      if (!victims.has(client) && shown !== 'mallory') faults.add(`mallory is seen as ${JSON.stringify(state)}`);
    }
  });

  let mallory: Member | null = null;
  let refused = 0;
  for (let sent = 0; sent < count; sent += 1) {
    if (!mallory || mallory.closed) {
      if (mallory && mallory.closed?.code !== 4400) faults.add(`closed with ${mallory.closed?.code}`);
      refused += mallory ? 1 : 0;
      mallory?.destroy();
      mallory = await world.join('plan', 'mallory');
    }
    const ids = [alice.doc.clientID, bob.doc.clientID, mallory.doc.clientID, watcher.doc.clientID, 0, 2 ** 32 - 1];
    const clocks = [0, 1, 2, 1_000, 2 ** 31 - 2, 2 ** 31 - 1, 2 ** 31, 2 ** 53 - 1];
    const entries = Array.from({ length: 1 + draw.below(draw.chance(0.02) ? 2_000 : 3) }, () => ({
      client: draw.chance(0.9) ? draw.pick(ids) : draw.below(2 ** 32),
      // Most frames are well-formed, or their sender would not last for a second one.
      clock: draw.chance(0.97) ? draw.pick(clocks.slice(0, 6)) : draw.pick(clocks),
      state: draw.chance(0.97)
        ? '{"user":{"id":"alice","name":"Alice"},"n":'.concat(String(sent), '}')
        : forgedState(draw),
    }));
    mallory.send(frameOf(entries));
    // Stock clients renew their state every 15 s and forget peers who have not for 30 s.
    if (sent % 1_000 === 999) for (const member of [alice, bob]) member.show(member.awareness.getLocalState());
    if (sent % 100 === 99) await Promise.race([mallory.ask('hello').catch(() => null), mallory.closing()]);
  }
  mallory?.destroy();
  await until(
    () => [...watcher.awareness.getStates().keys()].every((client) => victims.has(client)),
    'mallory is gone',
  );
  for (const [client, wanted] of victims)
    if (JSON.stringify(watcher.awareness.getStates().get(client)) !== wanted) faults.add(`${client} has changed`);
  for (const member of [alice, bob, watcher]) if (member.closed) faults.add(`an honest connection was closed`);
  console.log(`  ${count} forged frames, ${refused} connections closed for them`);
  return [...faults];
};
