// How long the two things take that are promised a time: a page of a busy inbox, and a broadcast to everybody.

import { person, World } from './world.js';

const alert = { urgency: 'high', message: 'The hall is full.' };

/** The best of many runs, in ms: what it costs when nobody else wants the processor. */
export const pageOfBusyInboxMs = async (own = 200, broadcasts = 500): Promise<number> => {
  const world = new World();
  const alice = person('alice');
  await world.open(alice);
  world.views.clear();
  for (let n = 0; n < broadcasts; n++) {
    await world.notifications.broadcast({ audience: 'all', type: 'alert', data: alert });
    if (n < own) await world.notifications.sendAlert('alice', alert);
  }
  let best = Number.POSITIVE_INFINITY;
  for (let n = 0; n < 300; n++) {
    const began = performance.now();
    world.notifications.list(alice);
    best = Math.min(best, performance.now() - began);
  }
  return best;
};

/** From the call to the answer, in ms, with that many known people; and the rows it made. */
export const broadcastToAll = async (known: number): Promise<{ ms: number; total: number; events: number }> => {
  const world = new World();
  const { notifications } = world;
  world.db.exec(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${known})
    INSERT INTO notify_person (user_id, event_id, at) SELECT 'user-' || i, -i, 0 FROM n`);
  await notifications.sendAlert('user-1', alert);
  const before = world.events.length;
  const began = performance.now();
  const { total } = await notifications.broadcast({ audience: 'all', type: 'alert', data: alert });
  const ms = performance.now() - began;
  return { ms, total, events: world.events.length - before };
};
