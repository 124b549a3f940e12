// The curl commands that README and the page of the API show: each is run as it stands, with real curl, against a real server, one after the other;
// what it is said to answer is what it answers, and what it changes is seen by people who are connected with a stock y-websocket provider.

import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type * as Y from 'yjs';
import { ControlLink, type Notice } from '../../src/client/control.js';
import { type Example, examples, type Shown, varies } from '../../src/http/api-examples.js';
import { curlCommand, shownAnswer } from '../../src/http/curl-command.js';
import { until } from '../support/deadline.js';
import { type LocalServer, withLocalServer } from '../support/local-server.js';
import { StockClient } from '../support/stock-client.js';
import { OpenApiClient, type Operation } from './openapi-client.js';

interface Ran {
  readonly status: number;
  readonly text: string;
}

/** Runs a command of the shell with curl's answer kept and its status told. Without curl it fails: that is meant. */
const run = (command: string, variables: Readonly<Record<string, string>>): Promise<Ran> =>
  new Promise((resolve, reject) => {
    const folder = mkdtempSync(join(tmpdir(), 'contrail-curl-'));
    const file = join(folder, 'answer');
    const child = spawn('bash', ['-c', `${command} -sS -o '${file}' -w '%{http_code}'`], {
      env: { ...process.env, ...variables },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [out, complaint] = ['', ''];
    child.stdout.on('data', (data) => (out += data));
    child.stderr.on('data', (data) => (complaint += data));
    child.once('error', reject);
    child.once('close', (code) => {
      const status = Number(out);
      const text = code === 0 && status !== 204 ? readFileSync(file, 'utf8') : '';
      rmSync(folder, { recursive: true, force: true });
      if (code === 0) resolve({ status, text });
      else reject(new Error(`${command} ended with ${code}: ${complaint}`));
    });
  });

/** Whether an answer has what is shown of it: members and the first items of lists. */
const fits = (actual: unknown, shown: Shown): boolean => {
  if (shown === varies) return actual !== undefined;
  if (Array.isArray(shown))
    return Array.isArray(actual) && (shown as readonly Shown[]).every((each, index) => fits(actual[index], each));
  if (typeof shown !== 'object' || shown === null) return actual === shown;
  return (
    typeof actual === 'object' &&
    actual !== null &&
    Object.entries(shown).every(([name, each]) => fits((actual as Record<string, unknown>)[name], each))
  );
};

/** People who have the document open while the commands run. */
class Audience {
  readonly alice: StockClient;
  readonly bob: StockClient;
  readonly notices: Notice[] = [];

  constructor(server: LocalServer, documentId: string) {
    this.alice = new StockClient(server.wsUrl, documentId, { user: 'alice' });
    this.bob = new StockClient(server.wsUrl, documentId, { user: 'bob' });
    const link = new ControlLink(this.alice.provider as never);
    link.onNotice((notice) => void this.notices.push(notice));
    link.request('hello').catch(() => undefined); // lost with the connection at the end
  }

  async synced(): Promise<void> {
    await Promise.all([this.alice.synced(), this.bob.synced()]);
  }
  get text(): string {
    return this.bob.text.toString();
  }
  flight(field: string): unknown {
    return (this.bob.doc.getMap('flights').get('FL-001') as Y.Map<unknown> | undefined)?.get(field);
  }
  inbox(type: string, client = this.alice): Y.Map<unknown> | undefined {
    return [...(client.doc.getMap('notifications').values() as IterableIterator<Y.Map<unknown>>)].find(
      (each) => each.get('type') === type,
    );
  }
  close(): void {
    this.alice.close();
    this.bob.close();
  }
}

/** What people who are connected see of each command that changes something; what nobody can see there is named with what shows it instead. */
const effects: Readonly<Record<string, (people: Audience) => boolean>> = {
  createDocument: ({ text }) => text === 'Hello',
  editDocument: ({ text }) => text === 'Hello world',
  undo: ({ text }) => text === 'Hello',
  redo: ({ text }) => text === 'Hello world',
  restoreDocument: ({ text }) => text === 'Hello',
  deleteDocument: ({ bob, alice }) => bob.closes.includes(4410) && alice.closes.includes(4410),
  lockDocument: ({ notices }) => notices.some(({ event, by }) => event === 'locked' && by === 'alice'),
  unlockDocument: ({ notices }) => notices.some(({ event }) => event === 'unlocked'),
  sendMessage: ({ notices }) => notices.some(({ event, name }) => event === 'message' && name === 'hello'),
  trackFlight: (people) => people.flight('status') === 'on-time',
  pushFlightData: (people) => people.flight('delayMinutes') === 20 && people.inbox('flight') !== undefined,
  changeFlight: (people) => people.flight('gate') === 'B12',
  stopFlight: (people) => people.flight('tracking') === 'stopped',
  sendNotification: (people) => people.inbox('payment')?.get('title') === 'Payment completed',
  markSeen: (people) => typeof people.inbox('payment')?.get('seenAt') === 'string',
  markRead: (people) => typeof people.inbox('payment')?.get('readAt') === 'string',
  markAllRead: (people) => typeof people.inbox('flight')?.get('readAt') === 'string',
  markArchive: (people) => people.inbox('payment') === undefined,
  broadcastNotification: (people) => people.inbox('alert', people.bob)?.get('message') === 'Doors close at eight',
  recallBroadcast: (people) => people.inbox('alert', people.bob) === undefined,
};
const seenByRestAlone = [
  ...['renameDocument', 'shareDocument', 'unshareDocument', 'watchFlight', 'setPreferences'],
  ...['createVersion', 'renameVersion', 'deleteVersion', 'deleteVersionNamed'],
];

const operationOf = (api: OpenApiClient, { operationId }: Example): Operation => {
  const operation = api.operations.get(operationId);
  if (!operation) throw new Error(`there is no route ${operationId} for this example`);
  return operation;
};
const unescaped = (html: string): string =>
  html
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');

test('every route has an example, and page, OpenAPI document and README show the same commands', () =>
  withLocalServer(async (server) => {
    const api = await OpenApiClient.of(server.url);
    const shown = new Set(examples.map(({ operationId }) => operationId));
    assert.equal(
      [...api.operations.keys()].filter((route) => !shown.has(route)),
      [],
      'routes without an example',
    );
    const page = unescaped(await (await fetch(`${server.url}/api-docs`)).text());
    const readme = readFileSync('README.md', 'utf8');
    const lines: string[] = [];
    for (const example of examples) {
      const operation = operationOf(api, example);
      const command = curlCommand(operation, example, server.url);
      assert.ok(page.includes(`<code>${command}</code>`), `the page shows ${command}`);
      const samples = (operation as unknown as { 'x-codeSamples': { source: string }[] })['x-codeSamples'];
      assert.ok(
        samples.some(({ source }) => source === command),
        `the document shows ${command}`,
      );
      lines.push(
        `# ${operation.summary}: ${shownAnswer(example)}${example.keeps ? `; ${example.keeps[0]}=its ${example.keeps[1]}` : ''}`,
        curlCommand(operation, example),
      );
    }
    const block = `<!-- curl -->\n\n\`\`\`sh\n${lines.join('\n')}\n\`\`\`\n\n<!-- /curl -->`;
    assert.ok(readme.includes(block), `README.md has, between its curl marks:\n${block}`);
  }));

test('every command answers what is shown, and what it changes reaches those who are connected', () =>
  withLocalServer(async (server) => {
    const api = await OpenApiClient.of(server.url);
    const variables: Record<string, string> = {};
    let people: Audience | null = null;
    try {
      for (const example of examples) {
        const { operationId, status, answer, keeps } = example;
        const operation = operationOf(api, example);
        const ran = await run(curlCommand(operation, example, server.url), variables);
        assert.is(ran.status, status, `${operationId}: ${ran.text}`);
        const body: unknown = ran.text.startsWith('{') ? JSON.parse(ran.text) : ran.text;
        if (answer !== undefined)
          assert.ok(fits(body, answer), `${operationId} shows ${shownAnswer(example)}, and answers ${ran.text}`);
        if (keeps) variables[keeps[0]] = String((body as Record<string, unknown>)[keeps[1]]);
        if (people === null) {
          people = new Audience(server, 'my-document');
          await people.synced();
        }
        const audience = people;
        const seen = effects[operationId];
        if (seen) await until(() => seen(audience), `${operationId} is seen by those who are connected`);
        else if (operation.method !== 'GET')
          assert.ok(seenByRestAlone.includes(operationId), `${operationId} has an effect that is looked for`);
      }
    } finally {
      people?.close();
    }
  }));

test('while the lock is held what somebody else types stays with them, and comes in when the example frees it', () =>
  withLocalServer(async (server) => {
    const api = await OpenApiClient.of(server.url);
    const example = async (operationId: string): Promise<void> => {
      const found = examples.find((each) => each.operationId === operationId);
      if (!found) throw new Error(`no example of ${operationId}`);
      const { status } = await run(curlCommand(operationOf(api, found), found, server.url), {});
      assert.is(status, found.status);
    };
    await example('createDocument');
    const people = new Audience(server, 'my-document');
    try {
      await people.synced();
      await example('lockDocument');
      people.bob.text.insert(5, ' from bob');
      await until(() => people.notices.some(({ event }) => event === 'locked'), 'alice hears of the lock');
      assert.is(people.alice.text.toString(), 'Hello');
      await example('unlockDocument');
      await until(() => people.alice.text.toString() === 'Hello from bob', 'what bob typed comes in');
    } finally {
      people.close();
    }
  }));

test.run();
