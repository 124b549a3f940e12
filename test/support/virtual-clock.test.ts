import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createVirtualClock } from './virtual-clock.js';

test('timers run in the order of their times, those of one instant in the order they were set', async () => {
  const clock = createVirtualClock(1000);
  const ran: string[] = [];
  clock.after(20, () => ran.push(`c@${clock.now()}`));
  clock.after(10, () => ran.push(`a@${clock.now()}`));
  clock.after(10, () => ran.push(`b@${clock.now()}`));
  clock.after(31, () => ran.push('late'));
  await clock.advance(30);
  assert.equal(ran, ['a@1010', 'b@1010', 'c@1020']);
  assert.is(clock.now(), 1030);
  assert.is(clock.pending(), 1);
});

test('what a timer awaits has happened before the next one, and a timer may set another within the same advance', async () => {
  const clock = createVirtualClock(0);
  const ran: string[] = [];
  const tick = async (): Promise<void> => {
    for (let step = 0; step < 50; step += 1) await Promise.resolve();
    ran.push(`settled@${clock.now()}`);
    clock.after(10, () => ran.push(`again@${clock.now()}`));
  };
  clock.after(5, () => void tick());
  clock.after(6, () => ran.push('next'));
  await clock.advance(20);
  assert.equal(ran, ['settled@5', 'next', 'again@15']);
});

test('a cancelled timer never runs', async () => {
  const clock = createVirtualClock(0);
  let ran = 0;
  clock.after(5, () => {
    ran += 1;
  })();
  await clock.advance(10);
  assert.is(ran, 0);
});

test.run();
