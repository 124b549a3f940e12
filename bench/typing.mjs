// Pairs of clients, each in a room of its own: one types, the other receives. They type at times of their own, as people do. Whoever waits for the
// last keystroke to arrive counts a pause of the server once, and afterwards all of them are in step.

import { until } from './measurement.mjs';
import { seededRandom } from './random.mjs';
import { Received, Typist } from './typist.mjs';

/**
 * `clients` are writer and reader in turns. Each writer types every `pauseMs` on average, between half and one and a half of it; `onLatency(ms)`
 * hears of each keystroke that arrives. Answers a function that ends the typing and resolves to how many keystrokes never arrived.
 */
export const startTyping = (clients, { seed, pauseMs, onLatency }) => {
  const typist = new Typist(1, seed);
  const random = seededRandom(seed);
  let typing = true;
  let typed = 0;
  let delivered = 0;
  for (let index = 0; index < clients.length; index += 2) {
    const received = new Received();
    const sentAt = [];
    const type = (due) => {
      if (!typing) return;
      sentAt.push(performance.now());
      clients[index].sendUpdate(typist.keystroke(sentAt.length - 1));
      typed += 1;
      const next = due + pauseMs * (0.5 + random());
      setTimeout(type, Math.max(0, next - performance.now()), next);
    };
    clients[index + 1].onUpdate = (update) =>
      received.take(update, (client, from, to) => {
        if (client !== typist.clientId) return;
        const now = performance.now();
        delivered += to - from;
        for (let n = from; n < to; n += 1) onLatency(now - sentAt[n]);
      });
    const first = performance.now() + pauseMs * random();
    setTimeout(type, first - performance.now(), first);
  }
  return async () => {
    typing = false;
    await until(() => delivered === typed, 10_000);
    return typed - delivered;
  };
};
