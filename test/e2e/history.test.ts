// History by REST over a real editing session: two people typed into one text (friendsforever), each over a connection of their own.

import { setImmediate as turn } from 'node:timers/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as Y from 'yjs';
import type { Change } from '../../src/crdt/change-list.js';
import { until } from '../support/deadline.js';
import { withLocalServer } from '../support/local-server.js';
import { dice, seedOr } from '../support/random.js';
import { RawClient, updateFrame } from '../support/raw-client.js';
import { Rest } from '../support/rest.js';
import { traceClientId } from '../support/traces.js';
import { loadScript, type TypingScript } from '../support/typing-script.js';

const seed = seedOr(11);
const people = ['alice', 'bob'];

/** Sends each person's updates in order, each as soon as what it refers to has come from the server. */
const type = async ({ updates }: TypingScript, clients: readonly RawClient[]): Promise<void> => {
  const typist = async (client: RawClient, agent: number): Promise<void> => {
    let sent = 0;
    for (const { agent: author, update, needs } of updates) {
      if (author !== agent) continue;
      const arrived = () => [...needs].every(([id, clock]) => Y.getState(client.doc.store, id) >= clock);
      if (!arrived()) await until(arrived, `${people[agent]} gets what an edit refers to`, 60_000);
      Y.applyUpdate(client.doc, update);
      client.send(updateFrame(update));
      sent += 1;
      if (sent % 20 === 0) await turn();
    }
  };
  await Promise.all(clients.map(typist));
};

const applyChanges = (text: string, changes: readonly Change[]): string => {
  let result = text;
  for (const change of changes) {
    if (!('index' in change) || !('text' in change)) throw new Error(`a change of type ${change.type}`);
    const before = result.slice(0, change.index);
    if (change.type === 'insert') result = before + change.text + result.slice(change.index);
    else {
      assert.is(result.slice(change.index, change.index + change.text.length), change.text);
      result = before + result.slice(change.index + change.text.length);
    }
  }
  return result;
};

test(`a recorded session reads back at 200 seqs, by its authors, and from its diffs, by REST (seed ${seed})`, () =>
  withLocalServer(async (server) => {
    const script = await loadScript('friendsforever', seed);
    const rest = new Rest(server.url, 'carol');
    const clients = people.map((user) => new RawClient(server.wsUrl, 'friends', { user }));
    try {
      for (const client of clients) await client.sync();
      await type(script, clients);
      const head = 1 + script.updates.length;
      const headNow = async () => (await rest.json<{ seq: number }>('/documents/friends')).seq;
      await until(async () => (await headNow()) === head, 'all is typed', 60_000);

      // Which of the trace's transactions the events are: per person in order.
      const left = people.map((_, agent) => script.updates.filter(({ agent: author }) => author === agent));
      const replay = new Y.Doc();
      const { below } = dice(seed);
      const wanted = new Set(Array.from({ length: 200 }, () => 2 + below(head - 1)));
      const texts = new Map<number, string>();
      for (let after = 1; after < head; ) {
        const page = await rest.json<{ events: { seq: number; actor: string }[] }>(
          `/documents/friends/history?kind=edit&after=${after}&limit=1000`,
        );
        for (const { seq, actor } of page.events) {
          Y.applyUpdate(replay, left[people.indexOf(actor)]?.shift()?.update ?? new Uint8Array());
          if (wanted.has(seq)) texts.set(seq, replay.getText('content').toString());
          after = seq;
        }
      }
      assert.is(replay.getText('content').toString(), script.endContent);
      for (const [seq, text] of texts)
        assert.is(await rest.text(`/documents/friends/at?seq=${seq}&as=text`), text, `the text at seq ${seq}`);

      const { runs } = await rest.json<{ runs: { text: string; actor: string }[] }>('/documents/friends/attribution');
      assert.is(runs.map(({ text }) => text).join(''), script.endContent);
      const authors = [...insertingAgents(replay.getText('content'))];
      let position = 0;
      for (const { text, actor } of runs)
        for (let i = 0; i < text.length; i++) {
          assert.is(actor, people[authors[position] ?? -1]);
          position += 1;
        }
      assert.is(position, script.endContent.length, 'every character has its author');

      let text = '';
      for (let part = 0; part < 10; part++) {
        const [from, to] = [part, part + 1].map((bound) => Math.round((head * bound) / 10));
        const { changes } = await rest.json<{ changes: Change[] }>(`/documents/friends/diff?from=${from}&to=${to}`);
        text = applyChanges(text, changes);
      }
      assert.is(text, script.endContent);
      console.log(`  ${head} events, ${texts.size} seqs, ${runs.length} runs`);
    } finally {
      for (const client of clients) client.destroy();
    }
  }));

/** Who inserted each character, by the client ids of the trace. */
function* insertingAgents(text: Y.Text): Generator<number> {
  for (let item = text._start; item !== null; item = item.right)
    if (!item.deleted && item.content instanceof Y.ContentString)
      for (let i = 0; i < item.length; i++) yield item.id.client - traceClientId(0);
}

test('a page of history holds everything up to the head that it names, while somebody types', () =>
  withLocalServer(async (server) => {
    const alice = new RawClient(server.wsUrl, 'busy', { user: 'alice' });
    try {
      await alice.sync();
      const text = alice.doc.getText('content');
      const type = (keystrokes: number) => {
        for (let key = 0; key < keystrokes; key += 1) {
          const before = Y.encodeStateVector(alice.doc);
          text.insert(text.length, 'x');
          alice.send(updateFrame(Y.encodeStateAsUpdate(alice.doc, before)));
        }
      };
      type(500);
      const rest = new Rest(server.url, 'alice');
      type Page = { head: number; events: { seq: number }[] };
      const page = () => rest.json<Page>('/documents/busy/history?order=desc&limit=400');
      await until(async () => (await page()).head > 500, 'the first 500 are logged');
      for (let round = 0; round < 20; round += 1) {
        const asked = Promise.all([page(), page(), page()]);
        for (let burst = 0; burst < 4; burst += 1) {
          type(5);
          await turn();
        }
        for (const { head, events } of await asked)
          assert.equal(
            events.map(({ seq }) => seq),
            Array.from({ length: 400 }, (_, index) => head - index),
          );
      }
    } finally {
      alice.destroy();
    }
  }));

test.run();
