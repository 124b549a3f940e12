// Whatever code the server closes a connection with, the page says what it means and what to do (docs/wire.md, "Close codes").

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { withServer } from '../support/server-process.js';
import { openWindow, withBrowser } from './chromium.js';

const words: readonly (readonly [code: number, words: string])[] = [
  [4400, 'The server did not understand this page'],
  [4401, 'You are not signed in any more'],
  [4403, 'You may not open this'],
  [4404, 'There is no such document'],
  [4409, 'This window uses somebody else’s editing id'],
  [4410, 'This document was deleted'],
  [4422, 'The server refused an edit as damaged'],
  [1009, 'An edit was too large'],
  [1012, 'The server is restarting'],
  [1013, 'The server is busy'],
  [4503, 'The server cannot save right now'],
  [4500, 'The server stumbled over this document'],
];

test('every close code is told in words; those that are final say that waiting will not help', async () => {
  await withServer({}, async (server) => {
    await withBrowser(async (browser) => {
      for (const [code, text] of words) {
        const { page, close } = await openWindow(browser, server.url, { user: 'alice' });
        await page.routeWebSocket(/\/plan\.txt/, (socket) => socket.close({ code, reason: 'word: a sentence' }));
        await page.goto(`${server.url}/?user=alice#/d/plan.txt`);
        const heading = page.getByRole('heading', { name: text });
        const isFinal = code >= 4400 && code < 4500;
        await (isFinal ? heading : page.getByText(text).first()).waitFor();
        assert.is(await heading.count(), isFinal ? 1 : 0, `${code}`);
        await close();
      }
    });
  });
});

test.run();
