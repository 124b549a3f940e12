// Broadcasts to a list whose server dies at random points, again and again, until everybody has theirs.
// Used by the test with a small count and by the torture runner with the whole.

import * as assert from 'uvu/assert';
import { Recount } from './recount.js';
import { person, World } from './world.js';

export interface Figures {
  readonly broadcasts: number;
  readonly recipients: number;
  readonly deaths: number;
  readonly refusals: number;
}

export const run = async (count: number, seed: number, recipients = 1000): Promise<Figures> => {
  let deaths = 0;
  let refusals = 0;
  const userIds = Array.from({ length: recipients }, (_, n) => `user-${n}`);
  for (let round = 0; round < count; round++) {
    const world = new World(seed + round);
    const context = `round ${round}, seed ${seed}`;
    const { broadcastId } = await world.notifications.broadcast({
      userIds,
      type: 'alert',
      data: { urgency: 'high', message: 'Hello' },
      collapseKey: 'once',
    });
    const status = () => world.notifications.broadcastStatus(broadcastId);
    let dead = false;
    world.fate = () => {
      const chance = world.random();
      dead = chance < 0.12;
      if (chance < 0.06) return 'killed';
      if (chance < 0.12) return 'logged-then-killed';
      if (chance > 0.94) refusals++;
      return chance > 0.94 ? 'refused' : 'logged';
    };
    for (let steps = 0; status()?.state !== 'done'; steps++) {
      assert.ok(steps < 10_000, `it comes to an end, ${context}`);
      await world.clock.advance(500); // lets one commit through, and a pause after a refusal pass
      if (!dead) continue;
      deaths++;
      dead = false;
      world.boot();
    }
    await world.notifications.idle();
    const recount = new Recount();
    recount.catchUp(world.events);
    assert.is(status()?.delivered, recipients, context);
    for (const user of userIds.map(person)) {
      assert.is(recount.copies(user).get(broadcastId), 1, `${user}, ${context}`);
      assert.equal(world.notifications.counts(user), { total: 1, unread: 1, unseen: 1 }, `${user}, ${context}`);
    }
    await world.notifications.close();
  }
  return { broadcasts: count, recipients, deaths, refusals };
};
