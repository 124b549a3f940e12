// Two people in two browsers on stock providers and bindings: what they type, and what they see of each other.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { until } from '../support/deadline.js';
import { Rest } from '../support/rest.js';
import { withServer } from '../support/server-process.js';
import { keepPicture, openWindow, withBrowser } from './chromium.js';
import { editors, plainText, same, saved, textOf, typeAtEnd, withPair } from './editor-pair.js';

for (const editor of editors) {
  test(`alice and bob type at once in ${editor.id}, and see each other's names`, async () => {
    await withServer({}, async (server) => {
      await withBrowser(async (browser) => {
        await withPair(browser, { alice: server.url, bob: server.url }, editor, async (pair) => {
          const { alice, bob } = pair;
          await typeAtEnd(alice.page, editor, 'Hello from alice. ');
          await same(pair, editor, 'Hello from alice.');
          await bob.page.locator(editor.selector).click();
          await bob.page.keyboard.press('Control+End');
          await Promise.all([
            alice.page.keyboard.type('And more of hers.', { delay: 15 }),
            bob.page.keyboard.type('And hello from bob.', { delay: 15 }),
          ]);
          await same(pair, editor);
          const letters = [...(await textOf(alice.page, editor))].sort().join('');
          assert.is(letters, [...'Hello from alice. And more of hers.And hello from bob.'].sort().join(''));
          await bob.page.locator(editor.cursorName, { hasText: 'alice' }).first().waitFor({ state: 'attached' });
          await alice.page.locator(editor.cursorName, { hasText: 'bob' }).first().waitFor({ state: 'attached' });
          await alice.page.getByRole('list', { name: 'People in this document' }).getByText('bob').waitFor();
          await bob.page.keyboard.type('!');
          await alice.page.getByText('bob is typing…').waitFor();
          await keepPicture(alice.page, `pair-${editor.id.split('.')[1]}`);
          await alice.page.getByText('bob is typing…').waitFor({ state: 'hidden' });
          await Promise.all([saved(alice.page), saved(bob.page)]);
        });
      });
    });
  });
}

test('who hides the window or leaves the keyboard alone is shown as away, and is back at the first sign of life', async () => {
  await withServer({}, async (server) => {
    await withBrowser(async (browser) => {
      const at = `/d/${plainText.id}`;
      const [alice, bob] = await Promise.all([
        openWindow(browser, server.url, { user: 'alice', at, prepare: (page) => page.clock.install() }),
        openWindow(browser, server.url, { user: 'bob', at }),
      ]);
      const people = bob.page.getByRole('list', { name: 'People in this document' });
      const seen = async (status: 'away' | 'online') => {
        await people
          .getByText('alice (away)')
          .waitFor({ state: status === 'away' ? 'attached' : 'detached', timeout: 20_000 });
        const rest = new Rest(server.url, 'bob');
        await until(async () => {
          const { users } = await rest.json<{ users: { userId: string; status: string }[] }>('/users/online');
          return users.find(({ userId }) => userId === 'alice')?.status === status;
        }, `the server tells that alice is ${status}`);
      };
      const hidden = (yes: boolean) =>
        alice.page.evaluate(`
          Object.defineProperty(document, 'hidden', { configurable: true, value: ${yes} });
          document.dispatchEvent(new Event('visibilitychange'));`);
      await people.getByText('alice').waitFor({ state: 'attached' });
      await seen('online');
      await hidden(true);
      await alice.page.clock.fastForward('00:21');
      await seen('away');
      await keepPicture(bob.page, 'away');
      await hidden(false);
      await seen('online');
      await alice.page.clock.fastForward('05:01');
      await seen('away');
      await alice.page.mouse.move(300, 300);
      await seen('online');
    });
  });
});

test('while alice holds the lock bob is told so and cannot type; released, he can', async () => {
  await withServer({}, async (server) => {
    await withBrowser(async (browser) => {
      await withPair(browser, { alice: server.url, bob: server.url }, plainText, async ({ alice, bob }) => {
        await alice.page.getByRole('button', { name: 'Lock for others' }).click();
        await bob.page.getByText('alice holds the lock').waitFor();
        await bob.page.locator(plainText.selector).click();
        await bob.page.keyboard.type('Not now');
        await keepPicture(bob.page, 'locked');
        await alice.page.getByRole('button', { name: 'Release the lock' }).click();
        await bob.page.getByText('alice holds the lock').waitFor({ state: 'detached' });
        await bob.page.locator(plainText.selector).click();
        await bob.page.keyboard.type('Now.');
        await same({ alice, bob }, plainText, 'Now.');
        assert.is(await textOf(alice.page, plainText), 'Now.');
      });
    });
  });
});

test('undo in the window takes back what was typed in it, beside the undo on the server', async () => {
  await withServer({}, async (server) => {
    await withBrowser(async (browser) => {
      const at = `/d/${plainText.id}`;
      const first = await openWindow(browser, server.url, { user: 'alice', at });
      await typeAtEnd(first.page, plainText, 'From the first window.');
      await saved(first.page);
      const second = await openWindow(browser, server.url, { user: 'alice', at });
      await second.page.locator(plainText.selector, { hasText: 'From the first window.' }).waitFor();
      await second.page.getByRole('button', { name: 'Undo in this window' }).click();
      assert.is(await textOf(second.page, plainText), 'From the first window.', 'nothing was typed in this window');
      await second.page.getByRole('button', { name: 'Undo on server' }).click();
      await until(
        async () => (await textOf(first.page, plainText)) === '',
        'the step of the other window is taken back',
      );
      await second.page.getByText('Your last step is taken back.').waitFor();
      await second.page.getByRole('button', { name: 'Undo on server' }).click();
      await second.page.getByText('There is no step left.').waitFor();
      await second.page.getByRole('button', { name: 'Redo on server' }).click();
      await first.page.locator(plainText.selector, { hasText: 'From the first window.' }).waitFor();
    });
  });
});

test.run();
