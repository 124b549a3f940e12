import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { checkpointIsDue, viewCheckpointIsDue } from '../../src/crdt/checkpoint-rule.js';

const kib = 1024;

test('a small state is kept once the events since weigh more than 64 KiB, of a document and of a view', () => {
  for (const isDue of [checkpointIsDue, viewCheckpointIsDue]) {
    assert.is(isDue(64 * kib, 10 * kib), false);
    assert.is(isDue(64 * kib + 1, 10 * kib), true);
  }
});

test('a large view waits for twice its state, so that keeping it costs half a byte for each byte of events', () => {
  assert.is(viewCheckpointIsDue(200 * kib, 100 * kib), false);
  assert.is(viewCheckpointIsDue(200 * kib + 1, 100 * kib), true);
});

test.run();
