// Webhooks as their receiver meets them (docs/events.md): signed, in order, and all of them however long it was away.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ConfigError, type configWith, readConfig } from '../../src/config.js';
import { createLogger } from '../../src/logger.js';
import { type Clock, systemClock } from '../../src/model/time.js';
import { until } from '../support/deadline.js';
import { type LocalServer, withLocalServer } from '../support/local-server.js';
import { seedOr } from '../support/random.js';
import { Rest } from '../support/rest.js';
import { createVirtualClock } from '../support/virtual-clock.js';
import { Receiver } from './receiver.js';
import { run as kills } from './webhook-kills.js';

const secret = `whsec_${Buffer.from('thirty-two bytes to sign with ..').toString('base64')}`;
const other = `whsec_${Buffer.from('another thirty-two bytes to sign').toString('base64')}`;
const { webhookSecret } = readConfig({ WEBHOOK_SECRET: secret });

const withReceiver = async (
  work: (local: LocalServer, receiver: Receiver, lines: string[]) => Promise<void>,
  changes: Parameters<typeof configWith>[0] = {},
  clock: Clock = systemClock,
): Promise<void> => {
  const receiver = new Receiver(secret);
  const lines: string[] = [];
  await receiver.up();
  try {
    await withLocalServer(
      (local) => work(local, receiver, lines),
      { webhookUrl: receiver.url, webhookSecret, ...changes },
      {
        clock,
        logger: createLogger('debug', { write: (line) => void lines.push(line) }),
      },
    );
  } finally {
    await receiver.down();
  }
};

/** Waits a twentieth of the time. */
const hurried: Clock = { now: () => systemClock.now(), after: (ms, task) => systemClock.after(ms / 20, task) };

const typing = async (local: LocalServer, texts: readonly string[]): Promise<void> => {
  const alice = new Rest(local.url, 'alice');
  await alice.call('POST', '/documents/create', { id: 'plan' });
  for (const value of texts)
    await alice.call('POST', '/documents/plan/edits', { path: ['content'], action: 'insert', value });
};

test('everything that happens is posted, signed as Standard Webhooks say, in the order of the log', () =>
  withReceiver(async (local, receiver) => {
    await typing(local, ['a', 'b', 'c']);
    const alert = { type: 'alert', title: 'Look', data: { urgency: 'low', message: 'there' } };
    await new Rest(local.url, 'alice').call('POST', '/notifications/send', { userId: 'bob', ...alert });
    await until(() => receiver.events.length === 5, 'five events come');
    assert.equal(receiver.faults, []);
    assert.equal(
      receiver.events.map(({ type, subject, kind }) => `${type} ${subject} ${kind}`),
      ['document plan created', ...Array(3).fill('document plan edit'), 'notification bob notified'],
    );
    const notification = receiver.events[4]?.data?.['notification'] as Record<string, unknown>;
    assert.is(notification['title'], 'Look');
    const ids = receiver.events.map(({ id }) => id);
    assert.equal(
      ids,
      [...new Set(ids)].sort((one, two) => one - two),
    );
    assert.is(receiver.taken.length, new Set(receiver.attempts).size);
  }));

test('a receiver that was down for an hour gets everything after it, in order, and each only once', async () => {
  const start = Date.parse('2026-01-31T12:00:00Z');
  let busy = (): boolean => false;
  const clock = createVirtualClock(start, async () => {
    await new Promise((resolve) => setImmediate(resolve));
    await until(() => !busy(), 'the attempt has ended');
  });
  const receiver = new Receiver(secret, () => clock.now());
  await receiver.up();
  await receiver.down();
  let attempts = 0;
  let underWay = 0;
  busy = () => underWay > 0;
  const real = globalThis.fetch;
  globalThis.fetch = (async (input, init) => {
    if (input !== receiver.url) return real(input, init);
    attempts += 1;
    underWay += 1;
    try {
      return await real(input, init);
    } finally {
      underWay -= 1;
    }
  }) as typeof fetch;
  try {
    await withLocalServer(
      async (local) => {
        const texts = Array.from({ length: 30 }, (_, index) => `${index}`);
        await typing(local, texts.slice(0, 10));
        await clock.advance(30 * 60_000);
        await typing(local, texts.slice(10));
        await clock.advance(30 * 60_000);
        assert.is(receiver.events.length, 0);
        // Pauses grow to a minute, of which at most half is taken away.
        assert.ok(attempts >= 60 && attempts <= 140, `${attempts} attempts`);
        await receiver.up();
        await clock.advance(60_000);
        await until(() => receiver.events.length >= 31, 'everything comes');
        assert.equal(receiver.faults, []);
        assert.equal(
          receiver.events.map(({ seq }) => seq),
          Array.from({ length: 31 }, (_, index) => index + 1),
        );
      },
      { webhookUrl: receiver.url, webhookSecret },
      { clock, logger: createLogger('silent') },
    );
  } finally {
    globalThis.fetch = real;
    await receiver.down();
  }
});

test('anything but a 2xx is tried again under the same id, a redirect and a silent receiver too; Retry-After is kept', () =>
  withReceiver(
    async (local, receiver, lines) => {
      const moods = [500, 302, 410, 'silent', 429] as const;
      let next = 0;
      receiver.headers = { location: 'http://127.0.0.1:9/', 'retry-after': '0' };
      receiver.onAttempt = () => {
        receiver.mood = moods[next] ?? 200;
        next += 1;
      };
      await typing(local, ['a']);
      await until(() => receiver.events.length === 2, 'it arrives', 60_000);
      assert.is(new Set(receiver.attempts.slice(0, moods.length + 1)).size, 1);
      const told = lines.filter((line) => line.includes('will be tried again')).map((line) => JSON.parse(line).why);
      assert.equal(told, ['500', '302', '410', 'timeout', '429']);
      assert.ok(lines.some((line) => line.includes('takes deliveries again')));
      const said = lines.join('');
      assert.not.match(said, /canary-in-query|whsec_|thirty-two/);
    },
    { webhookTimeoutSeconds: 5 },
    hurried,
  ));

test('only the kinds asked for are posted', () =>
  withReceiver(
    async (local, receiver) => {
      await typing(local, ['a', 'b']);
      await new Rest(local.url, 'alice').call('POST', '/documents/plan/share', { userIds: ['bob'], role: 'viewer' });
      await until(() => receiver.events.length === 2, 'two come');
      assert.equal(
        receiver.events.map(({ kind }) => kind),
        ['created', 'shared'],
      );
    },
    { webhookKinds: ['created', 'shared'] },
  ));

test('an orderly restart repeats nothing and leaves nothing out, also of what happened while the receiver was away', () =>
  withReceiver(async (local, receiver) => {
    await typing(local, ['a', 'b']);
    await until(() => receiver.events.length === 3, 'three come');
    await local.restart();
    await typing(local, ['c']);
    await until(() => receiver.events.length === 4, 'one more comes');
    await receiver.down();
    await typing(local, ['d']);
    await local.restart();
    await typing(local, ['e']);
    await receiver.up();
    await until(() => receiver.events.length === 6, 'the rest comes');
    assert.equal(
      receiver.events.map(({ seq }) => seq),
      [1, 2, 3, 4, 5, 6],
    );
    assert.equal(receiver.faults, []);
  }));

test('a server killed in the middle of deliveries goes on with the same ids: nothing missing, nothing out of order', async () => {
  const report = await kills(2, { secret, seed: seedOr(20_261_126) });
  console.log(`  ${JSON.stringify(report)}`);
  assert.equal(report.faults, []);
  assert.ok(report.events > 5);
});

test('two secrets both sign while a receiver changes over; a webhook without a good one does not start', () =>
  withReceiver(
    async (local, receiver) => {
      await typing(local, []);
      await until(() => receiver.events.length === 1, 'it comes');
      assert.equal(receiver.faults, []);
      const faults = (environment: Record<string, string>): readonly string[] => {
        try {
          readConfig(environment);
        } catch (error) {
          if (error instanceof ConfigError) return error.faults;
        }
        return [];
      };
      assert.equal(faults({ WEBHOOK_URL: 'http://x/' }), ['WEBHOOK_URL: needs WEBHOOK_SECRET']);
      const bad = faults({ WEBHOOK_URL: 'http://me:canary@x/', WEBHOOK_SECRET: 'canary', WEBHOOK_KINDS: 'gossip' });
      assert.is(bad.length, 3);
      assert.not.match(bad.join(), /canary/);
    },
    { webhookSecret: readConfig({ WEBHOOK_SECRET: `${other},${secret}` }).webhookSecret },
  ));

test.run();
