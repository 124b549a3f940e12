// Revocations in the middle of a stream of edits: nobody's event may be logged after the one that took their role away.

import { performance } from 'node:perf_hooks';
import { until } from '../support/deadline.js';
import { dice } from '../support/random.js';
import type { Member } from './member.js';
import type { World } from './world.js';

export interface Outcome {
  /** Edits that are logged while their actor had no right to them: must be none. */
  readonly afterRevocation: readonly string[];
  readonly edits: number;
  readonly editsPerSecond: number;
  /** From the request to the connection's hearing of it, in ms. */
  readonly heardMs: { readonly median: number; readonly p99: number; readonly worst: number };
}

const typists = 10;
const tickMs = 5;
/** What is typed before each next revocation, however quickly the last one was heard of. */
const editsPerRound = 25;

/** `count` times somebody is un-shared or made viewer while ten people type `perSecond` edits a second, and is let in again. */
export const run = async (
  world: World,
  count: number,
  { perSecond, seed }: { readonly perSecond: number; readonly seed: number },
): Promise<Outcome> => {
  const draw = dice(seed);
  const users = Array.from({ length: typists }, (_, index) => `typist-${index}`);
  await world.document('plan', Object.fromEntries(users.map((user) => [user, 'editor' as const])));
  const members = new Map<string, Member>();
  const join = async (user: string) => {
    const member = await world.join('plan', user, { deaf: true });
    await member.ask('hello');
    members.set(user, member);
  };
  for (const user of users) await join(user);

  const heard: number[] = [];
  let sent = 0;
  const started = performance.now();
  const typing = setInterval(() => {
    // Catches up with the clock, so that a busy machine does not make the stream thinner.
    const due = Math.min(sent + perSecond / 10, ((performance.now() - started) / 1000) * perSecond);
    const all = [...members];
    while (sent < due && all.length > 0) {
      const [user, member] = draw.pick(all);
      member.edit((doc) => doc.getText(user).insert(doc.getText(user).length, 'x'));
      sent += 1;
    }
  }, tickMs);
  try {
    for (let round = 0; round < count; round += 1) {
      await until(() => sent >= round * editsPerRound, 'the stream goes on');
      const user = draw.pick(users);
      const member = members.get(user);
      if (!member) throw new Error(`${user} is not there`);
      const asked = performance.now();
      if (draw.chance(0.5)) {
        await world.as('alice', 'DELETE', `/documents/plan/collaborators/${user}`);
        await member.closing();
        heard.push(member.closedAt - asked);
        world.leave(member);
        await world.as('alice', 'POST', '/documents/plan/share', { userIds: [user], role: 'editor' });
        await join(user);
      } else {
        const before = member.heard('role').length;
        await world.as('alice', 'POST', '/documents/plan/share', { userIds: [user], role: 'viewer' });
        await until(() => member.heard('role').length > before || member.closed !== null, 'the new role is told');
        if (!member.closed) heard.push(performance.now() - asked);
        await world.as('alice', 'POST', '/documents/plan/share', { userIds: [user], role: 'editor' });
        // Who has been denied a hundred edits in all is closed, as the rules say.
        if (member.closed) {
          world.leave(member);
          await join(user);
        }
      }
    }
  } finally {
    clearInterval(typing);
  }
  const seconds = (performance.now() - started) / 1000;
  for (const member of members.values()) if (!member.closed) await member.ask('hello');
  heard.sort((one, other) => one - other);
  const at = (fraction: number) =>
    Math.round(heard[Math.min(heard.length - 1, Math.floor(heard.length * fraction))] ?? 0);
  return {
    ...violations(world),
    editsPerSecond: Math.round(sent / seconds),
    heardMs: { median: at(0.5), p99: at(0.99), worst: at(1) },
  };
};

/** Goes through the log in order, with the roles that its own events give. */
const violations = (world: World): Pick<Outcome, 'afterRevocation' | 'edits'> => {
  const roles = new Map<string, string>([['alice', 'owner']]);
  const afterRevocation: string[] = [];
  let edits = 0;
  for (const { seq, kind, actor, meta } of world.rows('plan')) {
    const { userId = '', role = '' } = (meta === null ? {} : JSON.parse(meta)) as { userId?: string; role?: string };
    if (kind === 'shared') roles.set(userId, role);
    else if (kind === 'unshared') roles.delete(userId);
    else if (kind === 'edit') {
      edits += 1;
      const held = roles.get(actor);
      if (held !== 'editor' && held !== 'owner') afterRevocation.push(`seq ${seq}: ${actor}, ${held ?? 'no role'}`);
    }
  }
  return { afterRevocation, edits };
};
