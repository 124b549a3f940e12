// History over a real editing session: two people typing into one text (friendsforever), each agent an actor.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as Y from 'yjs';
import type { Change } from '../../src/crdt/change-list.js';
import { createHistoryQueries } from '../../src/crdt/history-queries.js';
import { DocumentLog, userIdOf } from '../support/document-log.js';
import { dice, seedOr } from '../support/random.js';
import { loadTrace, replayTrace, traceClientId } from '../support/traces.js';

const seed = seedOr(7);
const people = ['alice', 'bob'].map(userIdOf);

const applyChanges = (text: string, changes: readonly Change[]): string => {
  let result = text;
  for (const change of changes) {
    assert.equal(change.path, ['content']);
    if (change.type === 'insert' && 'text' in change)
      result = result.slice(0, change.index) + change.text + result.slice(change.index);
    else if (change.type === 'delete' && 'text' in change) {
      assert.is(result.slice(change.index, change.index + change.text.length), change.text);
      result = result.slice(0, change.index) + result.slice(change.index + change.text.length);
    } else assert.unreachable(change.type);
  }
  return result;
};

test(`a recorded session reads back at any seq, by its authors, and from its diffs (seed ${seed})`, async () => {
  const trace = loadTrace('friendsforever');
  if (trace === null) return;
  const { below } = dice(seed);
  const wanted = new Set(Array.from({ length: 200 }, () => 1 + below(trace.txns.length)));
  const texts = new Map<number, string>();
  const log = new DocumentLog('friends', { checkpoints: true });
  const live = new Y.Doc();
  live.getText('content');
  for await (const { agent, update } of replayTrace(trace)) {
    Y.applyUpdate(live, update);
    const { seq } = log.append({
      actor: people[agent] ?? userIdOf('nobody'),
      at: 1_000 + log.seq * 10,
      payload: update,
    });
    if (wanted.has(seq)) texts.set(seq, live.getText('content').toString());
  }
  const history = createHistoryQueries(log);

  for (const [seq, text] of texts)
    assert.is((await history.stateAt(log.id, { seq, as: 'text' })).state, text, `the text at seq ${seq}`);

  const { runs } = await history.attribution(log.id, { name: 'content' });
  assert.is(runs.map(({ text }) => text).join(''), trace.endContent);
  const byAgent = [...insertingAgents(live.getText('content'))];
  let position = 0;
  for (const { text, actor } of runs)
    for (const _ of text) {
      assert.is(actor, people[byAgent[position] ?? -1]);
      position += 1;
    }
  assert.is(position, trace.endContent.length);

  const past = [...texts.keys()][0] ?? 1;
  const then = await history.attribution(log.id, { name: 'content', seq: past });
  assert.is(then.runs.map(({ text }) => text).join(''), texts.get(past));
  assert.ok(then.runs.every(({ seq }) => seq <= past));

  let text = '';
  for (let part = 0; part < 10; part++) {
    const [from, to] = [part, part + 1].map((bound) => Math.round((log.seq * bound) / 10));
    const { changes } = await history.diff(log.id, { from: from ?? 0, to: to ?? 0 });
    text = applyChanges(text, changes);
    for (const { seq, actor, at } of changes) {
      const event = log.events[seq - 1];
      assert.equal([actor, at], [event?.actor, event?.at]);
    }
  }
  assert.is(text, trace.endContent);
});

/** Who inserted each character, by the client ids of the agents' own documents. */
function* insertingAgents(text: Y.Text): Generator<number> {
  for (let item = text._start; item !== null; item = item.right)
    if (!item.deleted && item.content instanceof Y.ContentString)
      for (let i = 0; i < item.length; i++) yield item.id.client - traceClientId(0);
}

test.run();
