// A broadcast to 1,000 people whose server is killed (kill -9) on the way, again and again; its sender asks again with the same key.

import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { until } from '../support/deadline.js';
import { seededRandom } from '../support/seed.js';
import { ServerProcess } from '../support/server-process.js';

const people = Array.from({ length: 1_000 }, (_, n) => `person-${n}`);
/** About as long as the whole delivery takes, the request included. */
const longestLifeMs = 250;

export interface BroadcastKills {
  readonly kills: number;
  /** Kills that came before the broadcast was logged, while it was being delivered, and after it. */
  readonly when: { readonly before: number; readonly during: number; readonly after: number };
  /** People with other than one notification of a broadcast, by the projection and by the log. */
  readonly wrong: number;
  readonly wrongInLog: number;
  /** Broadcasts in the log beyond one for each key. */
  readonly surplus: number;
}

interface Accepted {
  readonly broadcastId: string;
  readonly total: number;
}

export const runBroadcastKills = async (kills: number, seed: number): Promise<BroadcastKills> => {
  const random = seededRandom(seed);
  const server = await ServerProcess.start();
  const when = { before: 0, during: 0, after: 0 };
  const read = <Row>(sql: string): Row[] => {
    const db = new Database(join(server.dataDir, 'contrail.db'), { readonly: true });
    try {
      return db.prepare(sql).all() as Row[];
    } finally {
      db.close();
    }
  };
  const announce = async (round: number): Promise<Accepted | null> => {
    const answer = await fetch(`${server.url}/api/realtime/notifications/broadcast`, {
      method: 'POST',
      headers: { 'X-User-Id': 'ops', 'Content-Type': 'application/json', 'Idempotency-Key': `round-${round}` },
      body: JSON.stringify({ userIds: people, type: 'alert', data: { urgency: 'high', message: `round ${round}` } }),
    });
    const body = (await answer.json()) as Accepted;
    return answer.status === 202 ? body : null;
  };
  const progress = async (id: string): Promise<string> => {
    const answer = await fetch(`${server.url}/api/realtime/notifications/broadcasts/${id}`, {
      headers: { 'X-User-Id': 'ops' },
    });
    return ((await answer.json()) as { state: string }).state;
  };

  try {
    for (let round = 0; round < kills; round += 1) {
      const first = announce(round).catch(() => null);
      await pause(random() * longestLifeMs);
      await server.kill9();
      const answered = await first;
      const rows = read<{ id: string; delivered: number }>('SELECT id, delivered FROM notify_broadcast ORDER BY id');
      const cut = rows[round];
      if (!cut) when.before += 1;
      else if (cut.delivered < people.length) when.during += 1;
      else when.after += 1;
      await server.restart();
      const again = await announce(round);
      if (!again || (answered && answered.broadcastId !== again.broadcastId) || (cut && cut.id !== again.broadcastId))
        throw new Error(`round ${round}: ${JSON.stringify({ answered, again, cut })}`);
      await until(async () => (await progress(again.broadcastId)) === 'done', 'the broadcast is delivered');
    }
    const shares = read<{ number: number }>(
      'SELECT count(*) AS number FROM notify_entry GROUP BY user_id, broadcast_id',
    );
    const logged = read<{ number: number }>(
      `SELECT count(*) AS number FROM event WHERE kind = 'notified' GROUP BY stream`,
    );
    const [broadcasts] = read<{ number: number }>(`SELECT count(*) AS number FROM event WHERE kind = 'broadcast'`);
    return {
      kills,
      when,
      wrong: Math.abs(shares.length - kills * people.length) + shares.filter(({ number }) => number !== 1).length,
      wrongInLog: Math.abs(logged.length - people.length) + logged.filter(({ number }) => number !== kills).length,
      surplus: (broadcasts?.number ?? 0) - kills,
    };
  } finally {
    await server.dispose();
  }
};

export const describeBroadcastKills = ({ kills, when, wrong, wrongInLog, surplus }: BroadcastKills): string =>
  `${kills} kills (${when.before} before the broadcast was logged, ${when.during} during its delivery, ${when.after} after): ` +
  `${wrong} people with other than one, ${wrongInLog} in the log, ${surplus} broadcasts too many`;
