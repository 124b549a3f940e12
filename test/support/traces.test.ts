import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as Y from 'yjs';
import { loadTrace, replayTrace } from './traces.js';

for (const name of ['friendsforever', 'sveltecomponent'] as const)
  test(`${name} replays to exactly the text it was recorded with`, async () => {
    const trace = loadTrace(name);
    if (trace === null) return;
    const doc = new Y.Doc();
    for await (const { update } of replayTrace(trace)) Y.applyUpdate(doc, update);
    assert.is(doc.getText('content').toString(), trace.endContent);
  });

test.run();
