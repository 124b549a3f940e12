// *broadcast*: people type while broadcasts go out to everybody, and a million people are known. What the sender waits, and what the typing
// notices of it. Then a page of a busy inbox, straight from the database. Contrail alone: the peers have nothing of the kind.

import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { beside } from '../beside.mjs';
import { closeClients, openClients } from '../client.mjs';
import { notify } from '../notify.mjs';
import { shareCores } from '../server-process.mjs';
import { median, percentile } from '../statistics.mjs';
import { startTyping } from '../typing.mjs';
import { inWindows } from '../windows.mjs';
import { faults } from './columns.mjs';

const announcerFile = fileURLToPath(new URL('../announcer.mjs', import.meta.url));
const known = 1_000_000;
const rooms = 20;
const pauseMs = 24;
/** Far more often than anybody means to talk to everybody, and then four times as often, which is load. */
const announcedEveryMs = 1_000;
const floodedEveryMs = 250;
/** Until what a broadcast needs is as warm as in a server that has run for long. */
const warmingEveryMs = 20;
const inbox = { own: 200, broadcasts: 500 };
const pageRuns = 300;
const busyPerson = 'alice';
const Database = createRequire(new URL('../../package.json', import.meta.url))('better-sqlite3');

/** People as the projection holds them once each has connected; their events would say the same and take longer to make. */
const addPeople = (dir) => {
  const db = new Database(join(dir, 'contrail.db'));
  db.exec(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${known})
    INSERT INTO notify_person (user_id, event_id, at) SELECT 'person-' || i, -i, 0 FROM n`);
  db.close();
};

/** The same database, and how long its statements took since they were last asked. */
const timed = (db) => {
  let ms = 0;
  const timing = (work) => {
    const started = performance.now();
    const answer = work();
    ms += performance.now() - started;
    return answer;
  };
  const prepare = (sql) => {
    const statement = db.prepare(sql);
    return Object.fromEntries(
      ['all', 'get', 'run'].map((name) => [name, (...parameters) => timing(() => statement[name](...parameters))]),
    );
  };
  const taken = () => {
    const answer = ms;
    ms = 0;
    return answer;
  };
  return { prepare, exec: (sql) => timing(() => db.exec(sql)), taken };
};

/** A page as REST reads it, in ms: the medians of what it takes in the database, and in all. */
const pageOf = async (dir, user) => {
  const { InboxReader } = await import('../../dist/notify/inbox-reader.js');
  const file = new Database(join(dir, 'contrail.db'), { readonly: true });
  const db = timed(file);
  const reader = new InboxReader(db);
  const inDatabase = [];
  const inAll = [];
  for (let n = 0; n < 2 * pageRuns; n += 1) {
    db.taken();
    const started = performance.now();
    const page = reader.page({ user, now: Date.now() }, { limit: 100 });
    if (n >= pageRuns) {
      inAll.push(performance.now() - started);
      inDatabase.push(db.taken());
    }
    if (page.total !== inbox.own + inbox.broadcasts) throw new Error(`${user} has ${page.total} notifications`);
  }
  file.close();
  return { pageDatabaseMs: median(inDatabase), pageMs: median(inAll) };
};

export const broadcast = {
  name: 'broadcast',
  title: `broadcast: ${rooms} pairs type, a broadcast to all goes out every second, then four a second, ${known.toLocaleString('en-US')} people known`,
  measures: ({ name }) => name === 'ours',
  columns: [
    { key: 'returnP50Ms', title: 'broadcast returns, p50 ms', digits: 1 },
    { key: 'returnMaxMs', title: 'max ms', digits: 1, combine: 'max' },
    { key: 'calmP99Ms', title: 'keystroke p99 ms without', digits: 1 },
    { key: 'busyP99Ms', title: 'with', digits: 1 },
    { key: 'p99Ratio', title: 'with : without', digits: 2 },
    { key: 'noise', title: 'without : without', digits: 2 },
    { key: 'floodedP99Ms', title: 'with four a second', digits: 1 },
    { key: 'floodedRatio', title: 'with : without', digits: 2 },
    { key: 'pageDatabaseMs', title: 'page of a busy inbox in the database, ms', digits: 2 },
    { key: 'pageMs', title: 'in all', digits: 2 },
    ...faults,
  ],
  compared: [],

  run: async ({ start, settings }) => {
    const first = await start();
    const { dir } = first.place;
    await first.stop();
    addPeople(dir);
    const server = await start({ free: true });
    const clients = await openClients(server, rooms * 2, (index) => `broadcast-${index >> 1}?user=typist-${index}`);
    let latencies = null;
    const stopTyping = startTyping(clients, {
      seed: settings.seed,
      pauseMs,
      onLatency: (ms) => latencies?.push(ms),
    });
    let announced;
    let flooded;
    const base = `http://${server.place.host}:${server.place.port}/api/realtime/notifications`;
    const announcing = (everyMs) => beside(announcerFile, [base, String(everyMs), String(known)]);
    const warming = announcing(warmingEveryMs);
    const announcer = announcing(announcedEveryMs);
    const flooder = announcing(floodedEveryMs);
    for (const { pid } of [warming, announcer, flooder]) shareCores(pid);
    try {
      warming.start();
      await sleep(settings.warmupSeconds * 1000);
      await warming.stop();
      // Its first request takes long in its own process, which is none of the server's doing.
      for (const one of [announcer, flooder]) {
        one.start();
        await sleep(1000);
        await one.stop();
      }
      const { seconds } = settings;
      const listen = (into) => {
        latencies = into;
      };
      announced = await inWindows({ seconds, load: announcer, listen });
      flooded = await inWindows({ seconds, load: flooder, listen });
    } finally {
      warming.end();
      announcer.end();
      flooder.end();
    }
    const missing = await stopTyping();
    closeClients(clients);

    // Their first appearance, so that earlier broadcasts are not theirs.
    await openClients(server, 1, () => `broadcast?user=${busyPerson}`).then(closeClients);
    for (let n = 0; n < inbox.broadcasts; n += 1) {
      await notify(base, 'broadcast', { audience: 'all' });
      if (n < inbox.own) await notify(base, 'send', { userId: busyPerson });
    }
    const returns = [announced, flooded].flatMap(({ answers }) => answers.flat()).sort((a, b) => a - b);
    return {
      returnP50Ms: percentile(returns, 0.5),
      returnMaxMs: returns.at(-1),
      calmP99Ms: announced.withoutMs,
      busyP99Ms: announced.withMs,
      p99Ratio: announced.ratio,
      noise: announced.noise,
      floodedP99Ms: flooded.withMs,
      floodedRatio: flooded.ratio,
      ...(await pageOf(dir, busyPerson)),
      faults: missing,
    };
  },
};
