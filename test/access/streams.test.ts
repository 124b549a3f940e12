// Access under load: revocations in a stream of edits, and connections that come and go. The whole counts are run by `npm run torture -- access`.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { seedOr } from '../support/random.js';
import { run as cycles, cyclesWorld } from './cycles.js';
import { run as revocations } from './revocations.js';
import { inWorld } from './world.js';

const seed = seedOr(20_260_602);

test(`revocations in a stream of edits: nobody's event is logged after the one that took their role (seed ${seed})`, () =>
  inWorld(async (world) => {
    const outcome = await revocations(world, 40, { perSecond: 1_000, seed });
    console.log(`  ${JSON.stringify(outcome)}`);
    assert.equal(outcome.afterRevocation, []);
    assert.ok(outcome.edits > 500, 'or this would show nothing');
    assert.ok(outcome.heardMs.median < 1_000);
  }));

test(`connections that come, edit and go at any phase leave nothing behind (seed ${seed})`, () =>
  inWorld(async (world) => {
    const residue = await cycles(world, 300, seed);
    console.log(`  ${JSON.stringify(residue)}`);
    const { connections, rooms, present, resources, descriptors } = residue;
    assert.equal({ connections, rooms, present }, { connections: 0, rooms: 0, present: 0 });
    assert.equal({ resources, descriptors: Math.max(0, descriptors) }, { resources: {}, descriptors: 0 });
  }, cyclesWorld));

test.run();
