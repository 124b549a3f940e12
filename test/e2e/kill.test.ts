// Ends of the server, wanted and unwanted, and clients that are alone with it. The lone clients run beside the kills, as both take long.

import { setTimeout as pause } from 'node:timers/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { until } from '../support/deadline.js';
import { RawClient } from '../support/raw-client.js';
import { chooseSeed, seededRandom } from '../support/seed.js';
import { generousLimits, ServerProcess, ServerRun, withServer } from '../support/server-process.js';
import { StockClient, stockVersions } from '../support/stock-client.js';
import { lossOf, SeenRoom, TypingLoad } from '../support/typing-load.js';
import { describeKills, runKills } from './kill.js';

/** As many as fit beside the lone clients. More: `npm run torture -- kill`. */
const kills = Number(process.env['KILLS'] ?? 40);
const loneMs = 100_000;

interface LoneClient {
  readonly who: string;
  readonly closes: readonly number[];
  readonly connected: boolean;
}

/** Each version alone in a document, with and without presence, for 100 s in which nothing happens. */
const stayAlone = async (): Promise<readonly LoneClient[]> => {
  const server = await ServerProcess.start();
  const clients = stockVersions.flatMap((version) =>
    [true, false].map((awareness) => ({
      who: `${version} ${awareness ? 'with' : 'without'} presence`,
      client: new StockClient(server.wsUrl, `alone/${version}/${awareness}`, { user: 'alice', version, awareness }),
    })),
  );
  try {
    await Promise.all(clients.map(({ client }) => client.synced()));
    await pause(loneMs); // the time itself is the subject
    return clients.map(({ who, client }) => ({
      who,
      closes: [...client.closes],
      connected: client.provider.wsconnected,
    }));
  } finally {
    for (const { client } of clients) client.close();
    await server.dispose();
  }
};
const alone = stayAlone().catch((error: unknown) => error);

test('a second server on the same data folder does not start and says who has it', () =>
  withServer({}, async (first) => {
    const second = new ServerRun({ DATA_DIR: first.dataDir, PORT: '0' });
    const { code } = await second.exited;
    assert.not.equal(code, 0);
    assert.is(second.listeningAt, 0);
    assert.ok(second.output.includes(String(first.pid)), `it names the process: ${second.output}`);
    const client = await new RawClient(first.wsUrl, 'untouched', { user: 'alice' }).sync();
    client.destroy();
  }));

test('SIGTERM under load: exit 0 within 10 s, every client is told 1012, nothing anybody saw is lost', () =>
  withServer({ env: generousLimits }, async (server) => {
    const random = seededRandom(chooseSeed());
    const rooms = ['a', 'b', 'c'].map((name) => new SeenRoom(`stop/${name}`));
    for (let round = 0; round < 3; round += 1) {
      const loads = rooms.map((room) => new TypingLoad(room, server.wsUrl));
      await Promise.all(loads.map((load) => load.ready()));
      let stopped = false;
      const stopping = until(() => loads.every(({ reader }) => reader.updates > 50), 'the load is under way').then(() =>
        server.stop().finally(() => {
          stopped = true;
        }),
      );
      while (!stopped) {
        for (const load of loads) load.tick(random);
        await pause(1);
      }
      const exit = await stopping;
      assert.is(exit.code, 0, server.output);
      const ends = await Promise.all(loads.map((load) => load.end()));
      assert.equal([...new Set(ends.flatMap(({ closes }) => closes.map(({ code }) => code)))], [1012]);
      await server.restart();
      for (const room of rooms) {
        const fresh = await new RawClient(server.wsUrl, room.id, { user: 'fresh' }).sync();
        assert.equal(await lossOf(room, fresh), { structs: 0, deletes: 0, saved: 0 });
        fresh.destroy();
      }
      console.log(`  stopped in ${exit.ms.toFixed(0)} ms`);
    }
  }));

test('kill -9 under load, again and again, loses nothing that anybody had received; the first answer comes within a second', async () => {
  const report = await runKills(kills, chooseSeed());
  console.log(`  ${describeKills(report)}`);
  assert.ok(report.seen > 0, 'somebody received something');
  assert.equal([report.lostStructs, report.lostDeletes, report.falseSaved], [0, 0, 0]);
  // The slowest of hundreds says more about the machine than about the server: the run prints it, the median is held.
  assert.ok(report.answerMs.p50 < 1_000, `half of the first answers took more than ${report.answerMs.p50} ms`);
});

test('every version of the stock client stays connected for 100 s alone, with and without presence', async () => {
  const outcome = await alone;
  if (outcome instanceof Error) throw outcome;
  const clients = outcome as readonly LoneClient[];
  assert.equal(
    clients,
    clients.map(({ who }) => ({ who, closes: [], connected: true })),
  );
});

test.run();
