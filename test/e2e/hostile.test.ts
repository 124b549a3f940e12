// Hostile bytes on a real socket: the sender pays with the connection, the document and everybody in it go on.

import * as encoding from 'lib0/encoding';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as Y from 'yjs';
import { until } from '../support/deadline.js';
import { documentRows, replayRows } from '../support/log-rows.js';
import { aliceClient, bobClient, hex, poison } from '../support/poison.js';
import { awarenessFrame, RawClient, syncFrame, syncType, updateFrame } from '../support/raw-client.js';
import { Rest } from '../support/rest.js';
import { generousLimits, ServerProcess } from '../support/server-process.js';
import { StockClient } from '../support/stock-client.js';

const documentId = 'hostile';
const maxFrameBytes = 16 * 1024 * 1024;

const docOf = (clientId: number): Y.Doc => {
  const doc = new Y.Doc();
  doc.clientID = clientId;
  return doc;
};

const textsOf = (doc: Y.Doc): readonly string[] =>
  ['t', 'content', 'aside'].map((name) => doc.getText(name).toString());

/** alice and bob work in the document and in its neighbour while mallory sends. */
class Scene {
  readonly server: ServerProcess;
  readonly alice: StockClient;
  readonly bob: StockClient;
  readonly neighbour: StockClient;
  #edits = 0;

  constructor(server: ServerProcess) {
    this.server = server;
    this.alice = new StockClient(server.wsUrl, documentId, { user: 'alice', doc: docOf(aliceClient) });
    this.bob = new StockClient(server.wsUrl, documentId, { user: 'bob', doc: docOf(bobClient) });
    this.neighbour = new StockClient(server.wsUrl, 'neighbour', { user: 'carol' });
  }

  async begin(): Promise<void> {
    await Promise.all([this.alice.synced(), this.bob.synced(), this.neighbour.synced()]);
    this.alice.doc.getText('t').insert(0, 'hello world');
    await until(() => this.bob.doc.getText('t').length === 11, 'bob reads alice');
    this.bob.doc.getText('t').insert(5, 'bob');
    this.neighbour.text.insert(0, 'in peace');
    await until(() => this.alice.doc.getText('t').length === 14, 'alice reads bob');
  }

  mallory(id = documentId): RawClient {
    return new RawClient(this.server.wsUrl, id, { user: 'mallory' });
  }

  /** An edit of alice reaches bob and a newcomer; nobody of the honest was disturbed; log, room and newcomer agree. */
  async unharmed(what: string): Promise<void> {
    this.#edits += 1;
    const mark = `(${this.#edits})`;
    this.alice.text.insert(this.alice.text.length, mark);
    await until(() => this.bob.text.toString().endsWith(mark), `bob reads alice after ${what}`);
    assert.equal([this.alice.closes, this.bob.closes, this.neighbour.closes], [[], [], []], what);
    const newcomer = await this.mallory().sync();
    assert.equal(textsOf(newcomer.doc), textsOf(this.bob.doc), what);
    newcomer.destroy();
    assert.equal(textsOf(replayRows(documentRows(this.server.dataDir, documentId))), textsOf(this.bob.doc), what);
    assert.ok(this.server.running, `the server runs after ${what}`);
  }

  close(): void {
    for (const client of [this.alice, this.bob, this.neighbour]) client.close();
  }
}

let shared: Promise<Scene> | null = null;
const scene = (): Promise<Scene> => {
  shared ??= (async () => {
    const made = new Scene(await ServerProcess.start({ env: generousLimits }));
    await made.begin();
    return made;
  })();
  return shared;
};

/** mallory syncs like everybody, and from there on answers nothing the server asks. */
const silentMallory = async (it: Scene): Promise<RawClient> => {
  const mallory = await it.mallory().sync();
  await until(() => mallory.step1s > 0, 'mallory is asked for her state');
  mallory.answers = false;
  return mallory;
};

/** What mallory sends costs mallory the connection with `code`, and nobody else anything. */
const costs = async (
  code: number,
  what: string,
  send: (mallory: RawClient) => void,
  join = (it: Scene): Promise<RawClient> => it.mallory().sync(),
): Promise<void> => {
  const it = await scene();
  const mallory = await join(it);
  send(mallory);
  const close = await mallory.closing(20_000); // trying out a large step2 may take 10 s
  assert.is(close.code, code, `${what}: ${close.reason}`);
  assert.ok(/^[a-z-]+: ./.test(close.reason) || code === 1009, `the reason tells: ${close.reason}`);
  mallory.destroy();
  await it.unharmed(what);
};

for (const { effect, update, outcome } of poison) {
  test(`a step2 that ${effect} costs its sender the connection alone`, () =>
    costs(4422, `a step2 that ${effect}`, (mallory) => mallory.send(syncFrame(syncType.step2, update))));

  if (outcome === 'refused')
    test(`an update that ${effect} costs its sender the connection alone`, () =>
      costs(4422, `an update that ${effect}`, (mallory) => mallory.send(updateFrame(update))));
  else
    test(`an update that ${effect} waits with its sender, touches nothing, and costs the connection when it never fits`, async () => {
      const it = await scene();
      const mallory = await silentMallory(it);
      const before = documentRows(it.server.dataDir, documentId).length;
      const asked = mallory.step1s;
      mallory.send(updateFrame(update));
      await until(() => mallory.step1s > asked, 'the server asks for what is missing');
      assert.is(documentRows(it.server.dataDir, documentId).length, before);
      await it.unharmed(`an update that ${effect}`);
      assert.is(mallory.closed, null);
      mallory.send(syncFrame(syncType.step2, Y.encodeStateAsUpdate(new Y.Doc())));
      assert.is((await mallory.closing()).code, 4422);
      mallory.destroy();
      await it.unharmed('its end');
    });
}

test('updates that wait for what never comes cost their sender the connection before they are many', () =>
  costs(
    4400,
    'overflow of the waiting updates',
    (mallory) => {
      for (let count = 0; count < 65; count += 1) mallory.send(updateFrame(hex('0101e8070184e80700017800')));
    },
    silentMallory,
  ));

const honest = (): Uint8Array => {
  const doc = new Y.Doc();
  doc.getText('aside').insert(0, 'x');
  return Y.encodeStateAsUpdate(doc);
};
const hugeAwareness = (entries: number): Uint8Array =>
  encoding.encode((encoder) => {
    encoding.writeVarUint(encoder, entries);
    for (let client = 0; client < entries; client += 1) {
      encoding.writeVarUint(encoder, 5_000 + client);
      encoding.writeVarUint(encoder, 1);
      encoding.writeVarString(encoder, '{}');
    }
  });

const frames: readonly (readonly [what: string, code: number, frame: () => Uint8Array | string])[] = [
  ['a text frame', 4400, () => 'hello'],
  ['an empty frame', 4400, () => new Uint8Array()],
  ['an unknown message type', 4400, () => Uint8Array.of(9, 0)],
  ['an unknown sync type', 4400, () => Uint8Array.of(0, 3, 0)],
  ['a step1 that is no state vector', 4400, () => hex('00 00 02 ff ff')],
  ['a frame cut in its length', 4400, () => hex('00 02 85')],
  ['a frame shorter than it says', 4400, () => hex('00 02 05 00 00')],
  ['trailing bytes', 4400, () => Uint8Array.from([...updateFrame(honest()), 0])],
  ['overlong varints', 4400, () => Uint8Array.from([...hex('80 00 82 00'), honest().length, ...honest()])],
  ['a control message that is no JSON', 4400, () => hex('40 01 7b')],
  ['100,000 presences', 4400, () => awarenessFrame(hugeAwareness(100_000))],
  ['a presence with the clock 2^53', 4400, () => awarenessFrame(hex('01 05 80808080808080 10 02 7b7d'))],
  ['a frame over the limit', 1009, () => new Uint8Array(maxFrameBytes + 1)],
  ['a live update over 1 MiB', 1009, () => updateFrame(new Uint8Array(1024 * 1024 + 1))],
];
for (const [what, code, frame] of frames)
  test(`${what} costs its sender the connection alone (${code})`, () =>
    costs(code, what, (mallory) => mallory.send(frame())));

for (const [what, path] of [
  ['empty', ''],
  ['two slashes', 'a//b'],
  ['a dot segment', '..%2Fb'],
  ['a blank', 'a%20b'],
  ['a broken escape', 'a%zz'],
  ['a NUL', 'a%00'],
  ['129 characters', 'x'.repeat(129)],
] as const)
  test(`a document id with ${what} is closed with 4400`, async () => {
    const it = await scene();
    const mallory = it.mallory(path);
    assert.is((await mallory.closing()).code, 4400);
    mallory.destroy();
    await it.unharmed(`an id with ${what}`);
  });

test('a stock client is told to stop by 4422 and its document stays as it was', async () => {
  const it = await scene();
  const victim = await new StockClient(it.server.wsUrl, documentId, { user: 'mallory' }).synced();
  const { ws } = victim.provider as unknown as { readonly ws: { send(frame: Uint8Array): void } };
  ws.send(updateFrame(hex('01010300010101740000')));
  await until(() => victim.closes.length > 0, 'the provider is closed');
  assert.equal(victim.closes, [4422]);
  assert.not(victim.provider.wsconnected);
  victim.close();
  await it.unharmed('a stock client that sent poison');
});

test('after all of it the neighbours have what they wrote, and the server has never restarted', async () => {
  const it = await scene();
  try {
    assert.is(await new Rest(it.server.url, 'carol').documentText('neighbour'), 'in peace');
    const shouted = it.server.output
      .split('\n')
      .filter((line) => line.includes('"level":"fatal"') || line.includes('room dropped'));
    assert.equal(shouted, []);
  } finally {
    it.close();
    await it.server.dispose();
  }
});

test.run();
