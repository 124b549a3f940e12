// Two people in two browsers on stock providers and bindings: what they type, what they see of each other, and what a dead server costs them.

import type { Browser, Page } from 'playwright-core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { until } from '../support/deadline.js';
import { Rest } from '../support/rest.js';
import { type ServerProcess, withServer } from '../support/server-process.js';
import { keepPicture, openWindow, type Window, withBrowser } from './chromium.js';

interface Editor {
  readonly id: string;
  readonly selector: string;
  /** The name on another person's cursor. */
  readonly cursorName: string;
}
const editors: readonly Editor[] = [
  { id: 'plan.txt', selector: '.cm-content', cursorName: '.cm-ySelectionInfo' },
  { id: 'notes.rich', selector: '.ProseMirror', cursorName: '.cursor-name' },
];

interface Pair {
  readonly alice: Window;
  readonly bob: Window;
}

/** What stands in the editor, without other people's cursors, line breaks and the joiners around cursors. */
const textOf = async (page: Page, { selector, cursorName }: Editor): Promise<string> =>
  String(
    await page.evaluate(`(() => {
      const copy = document.querySelector(${JSON.stringify(selector)})?.cloneNode(true);
      if (!copy) return '';
      for (const name of copy.querySelectorAll(${JSON.stringify(`${cursorName}, .cm-ySelectionCaret`)})) name.remove();
      return copy.textContent.replace(/[\\u2060\\u200b]/g, '');
    })()`),
  );

const saved = (page: Page): Promise<void> => page.getByText('All changes saved').waitFor();

const withPair = async (
  server: ServerProcess,
  browser: Browser,
  editor: Editor,
  work: (pair: Pair) => Promise<void>,
) => {
  const [alice, bob] = await Promise.all(
    ['alice', 'bob'].map((user) => openWindow(browser, server.url, { user, at: `/d/${editor.id}` })),
  );
  if (!alice || !bob) return;
  await Promise.all([alice, bob].map(({ page }) => page.locator(editor.selector).waitFor()));
  await work({ alice, bob });
  assert.equal(alice.faults, []);
  assert.equal(bob.faults, []);
  await Promise.all([alice.close(), bob.close()]);
};

const same = async ({ alice, bob }: Pair, editor: Editor, ...parts: readonly string[]): Promise<void> => {
  let texts: readonly string[] = [];
  await until(
    async () => {
      texts = await Promise.all([alice, bob].map(({ page }) => textOf(page, editor)));
      return texts[0] === texts[1] && parts.every((part) => texts[0]?.includes(part));
    },
    `both see ${parts.join(' and ')}`,
  ).catch((error: unknown) => {
    throw new Error(`${error}: ${JSON.stringify(texts)}`);
  });
};

for (const editor of editors) {
  test(`alice and bob type at once in ${editor.id}, and see each other's names`, async () => {
    await withServer({}, async (server) => {
      await withBrowser(async (browser) => {
        await withPair(server, browser, editor, async (pair) => {
          const { alice, bob } = pair;
          await alice.page.locator(editor.selector).click();
          await alice.page.keyboard.type('Hello from alice. ');
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
          await Promise.all([saved(alice.page), saved(bob.page)]);
        });
      });
    });
  });

  test(`what alice writes offline in ${editor.id} is merged when she is back, also after closing her window`, async () => {
    await withServer({}, async (server) => {
      await withBrowser(async (browser) => {
        await withPair(server, browser, editor, async (pair) => {
          const { alice, bob } = pair;
          await alice.page.locator(editor.selector).click();
          await alice.page.keyboard.type('Start. ');
          await same(pair, editor, 'Start.');
          await alice.page.getByRole('button', { name: 'Work offline' }).click();
          await alice.page.getByText('You are working offline').waitFor();
          await alice.page.locator(editor.selector).click();
          await alice.page.keyboard.press('Control+End');
          await alice.page.keyboard.type('Offline alice. ');
          await bob.page.locator(editor.selector).click();
          await bob.page.keyboard.press('Control+Home');
          await bob.page.keyboard.type('Online bob. ');
          assert.not.match(await textOf(bob.page, editor), 'Offline alice');
          await keepPicture(alice.page, `offline-${editor.id.split('.')[1]}`);
          await alice.page.getByText('Kept in this browser').waitFor();
          await alice.page.reload();
          await same(pair, editor, 'Offline alice.', 'Online bob.', 'Start.');
          await saved(alice.page);
        });
      });
    });
  });

  test(`kill -9 loses nothing in ${editor.id}; undo on the server then takes back alice's last step only`, async () => {
    await withServer({}, async (server) => {
      await withBrowser(async (browser) => {
        await withPair(server, browser, editor, async (pair) => {
          const { alice, bob } = pair;
          await alice.page.locator(editor.selector).click();
          await alice.page.keyboard.type('First step. ');
          await saved(alice.page);
          // A pause makes the next a step of its own.
          await alice.page.waitForTimeout(800);
          await alice.page.keyboard.type('Second step. ');
          await same(pair, editor, 'Second step.');
          await bob.page.locator(editor.selector).click();
          await bob.page.keyboard.press('Control+End');
          await bob.page.keyboard.type('Bob was here. ');
          await same(pair, editor, 'Bob was here.');
          await Promise.all([saved(alice.page), saved(bob.page)]);
          await server.kill9();
          await alice.page.getByText('The server cannot be reached').waitFor();
          await bob.page.keyboard.type('Typed without a server. ');
          await server.restart();
          await same(pair, editor, 'First step.', 'Second step.', 'Bob was here.', 'Typed without a server.');
          await Promise.all([saved(alice.page), saved(bob.page)]);
          await alice.page.getByRole('button', { name: 'Undo on server' }).click();
          await until(async () => !(await textOf(bob.page, editor)).includes('Second step.'), 'the step is taken back');
          await same(pair, editor, 'First step.', 'Bob was here.', 'Typed without a server.');
          await alice.page.getByRole('button', { name: 'Redo on server' }).click();
          await same(pair, editor, 'Second step.');
          const history = await new Rest(server.url, 'alice').json<{
            events: readonly { kind: string; actor: string }[];
          }>(`/documents/${editor.id}/history?kind=undo,redo`);
          assert.equal(
            history.events.map(({ kind, actor }) => ({ kind, actor })),
            [
              { kind: 'undo', actor: 'alice' },
              { kind: 'redo', actor: 'alice' },
            ],
          );
        });
      });
    });
  });
}

test('while alice holds the lock bob is told so and cannot type; released, he can', async () => {
  const [editor] = editors;
  if (!editor) return;
  await withServer({}, async (server) => {
    await withBrowser(async (browser) => {
      await withPair(server, browser, editor, async ({ alice, bob }) => {
        await alice.page.getByRole('button', { name: 'Lock for others' }).click();
        await bob.page.getByText('alice holds the lock').waitFor();
        await bob.page.locator(editor.selector).click();
        await bob.page.keyboard.type('Not now');
        await keepPicture(bob.page, 'locked');
        await alice.page.getByRole('button', { name: 'Release the lock' }).click();
        await bob.page.getByText('alice holds the lock').waitFor({ state: 'detached' });
        await bob.page.locator(editor.selector).click();
        await bob.page.keyboard.type('Now.');
        await same({ alice, bob }, editor, 'Now.');
        assert.is(await textOf(alice.page, editor), 'Now.');
      });
    });
  });
});

test.run();
