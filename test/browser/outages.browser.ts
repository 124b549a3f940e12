// What a cut network, a killed server and a closed browser cost two people: nothing that they typed.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { until } from '../support/deadline.js';
import { Rest } from '../support/rest.js';
import { withServer } from '../support/server-process.js';
import { keepPicture, openWindow, whileCutOff, withBrowser, withKeptProfile } from './chromium.js';
import { withNetwork } from './cuttable-network.js';
import { editors, plainText, richText, same, saved, textOf, typeAtEnd, withPair } from './editor-pair.js';

/** A pause that makes what follows a step of its own for undo: 500 ms by the server's clock (docs/history.md). */
const pauseBetweenSteps = (page: Page): Promise<void> => page.waitForTimeout(800);

const cannotReach = (page: Page): Promise<void> => page.getByText('The server cannot be reached').waitFor();

for (const editor of editors) {
  test(`with alice's network cut, both edit ${editor.id} and the server is killed meanwhile: all is merged when she is back`, async () => {
    await withServer({}, async (server) => {
      await withNetwork(server.url, async (network) => {
        await withBrowser(async (browser) => {
          await withPair(browser, { alice: network.url, bob: server.url }, editor, async (pair) => {
            const { alice, bob } = pair;
            await typeAtEnd(alice.page, editor, 'First step. ');
            await saved(alice.page);
            await pauseBetweenSteps(alice.page);
            await alice.page.keyboard.type('Second step. ');
            await same(pair, editor, 'First step. Second step.');
            await saved(alice.page);
            await whileCutOff([alice], async () => {
              await network.cut();
              await cannotReach(alice.page);
              await typeAtEnd(bob.page, editor, 'Bob with a server. ');
              await pauseBetweenSteps(alice.page);
              await alice.page.keyboard.type('Alice without a network. ');
              await alice.page.getByText('Kept in this browser').waitFor();
              await keepPicture(alice.page, `offline-${editor.id.split('.')[1]}`);
              await saved(bob.page);
              await whileCutOff([bob], async () => {
                await server.kill9();
                await cannotReach(bob.page);
                await bob.page.keyboard.type('Bob without a server. ');
                await server.restart();
              });
              await saved(bob.page);
              assert.not.match(await textOf(bob.page, editor), 'Alice without');
              await network.mend();
            });
            const bobs = ['Bob with a server.', 'Bob without a server.'];
            await same(pair, editor, 'First step. Second step.', 'Alice without a network.', ...bobs);
            await Promise.all([saved(alice.page), saved(bob.page)]);
            // Her own last step, and nothing of his: first the one made offline, then the one from before the restart.
            const undo = alice.page.getByRole('button', { name: 'Undo on server' });
            await undo.click();
            await until(async () => !(await textOf(bob.page, editor)).includes('Alice without'), 'one step is undone');
            await same(pair, editor, 'First step. Second step.', ...bobs);
            await undo.click();
            await until(
              async () => !(await textOf(bob.page, editor)).includes('Second step.'),
              'a second one is undone',
            );
            await same(pair, editor, 'First step.', ...bobs);
            await alice.page.getByRole('button', { name: 'Redo on server' }).click();
            await same(pair, editor, 'Second step.', ...bobs);
            const { events } = await new Rest(server.url, 'alice').json<{
              events: readonly { kind: string; actor: string }[];
            }>(`/documents/${editor.id}/history?kind=undo,redo`);
            assert.equal(
              events.map(({ kind, actor }) => `${actor} ${kind}`),
              ['alice undo', 'alice undo', 'alice redo'],
            );
          });
        });
      });
    });
  });
}

test('kill -9 while both type: both reconnect by themselves, and every letter is there', async () => {
  await withServer({}, async (server) => {
    await withBrowser(async (browser) => {
      await withPair(browser, { alice: server.url, bob: server.url }, plainText, async (pair) => {
        const { alice, bob } = pair;
        const letters = { alice: 'abcdefghijklm'.repeat(6), bob: 'nopqrstuvwxyz'.repeat(6) };
        await whileCutOff([alice, bob], async () => {
          const typing = Promise.all([
            alice.page.keyboard.type(letters.alice, { delay: 25 }),
            bob.page.keyboard.type(letters.bob, { delay: 25 }),
          ]);
          await until(async () => (await textOf(alice.page, plainText)).length > 20, 'they type');
          await server.kill9();
          await server.restart();
          await typing;
        });
        await same(pair, plainText);
        await Promise.all([saved(alice.page), saved(bob.page)]);
        const text = (await new Rest(server.url, 'alice').documentText(plainText.id)) ?? '';
        assert.is(text, await textOf(alice.page, plainText));
        assert.is([...text].sort().join(''), [...(letters.alice + letters.bob)].sort().join(''));
        for (const [name, typed] of Object.entries(letters)) {
          const own = [...text].filter((letter) => letter < 'n' === (name === 'alice')).join('');
          assert.is(own, typed, `what ${name} typed, in the order it was typed`);
        }
      });
    });
  });
});

test('"All changes saved" is said only of what a kill -9 cannot take away', async () => {
  await withServer({}, async (server) => {
    await withBrowser(async (browser) => {
      const window = await openWindow(browser, server.url, { user: 'alice', at: `/d/${plainText.id}` });
      const { page } = window;
      await page.locator(plainText.selector).click();
      // What stood in the editor at each moment when the page began to say so.
      await page.evaluate(`
        globalThis.claims = [];
        new MutationObserver(() => {
          if (document.querySelector('.saved').textContent === 'All changes saved')
            claims.push(document.querySelector('.cm-content').textContent);
        }).observe(document.querySelector('.saved'), { childList: true, characterData: true, subtree: true });`);
      window.cutOff = true;
      for (let burst = 0; burst < 5; burst += 1) {
        await page.keyboard.type(`Burst ${burst}. `, { delay: 5 });
        await until(
          async () => ((await page.evaluate('claims.length')) as number) > burst,
          'the page says that it is saved',
        );
      }
      await page.keyboard.type('The last words, which may or may not be saved.');
      await server.kill9();
      const claims = (await page.evaluate('claims')) as string[];
      // This window must not be the one that brings them again.
      await window.close();
      await server.restart();
      const text = (await new Rest(server.url, 'alice').documentText(plainText.id)) ?? '';
      assert.ok(claims.length >= 5);
      for (const claim of claims) assert.ok(text.startsWith(claim), `said to be saved: ${claim}; on disk: ${text}`);
    });
  });
});

test('what alice writes with her network cut survives a restart of her browser, and reaches bob afterwards', async () => {
  const profile = mkdtempSync(join(tmpdir(), 'contrail-profile-'));
  try {
    await withServer({}, async (server) => {
      await withNetwork(server.url, async (network) => {
        await withBrowser(async (browser) => {
          const at = `/d/${richText.id}`;
          const bob = await openWindow(browser, server.url, { user: 'bob', at });
          await bob.page.locator(richText.selector).waitFor();
          await withKeptProfile(profile, network.url, { user: 'alice', at }, async (alice) => {
            await alice.page.locator(richText.selector).waitFor();
            await typeAtEnd(alice.page, richText, 'Written online. ');
            await saved(alice.page);
            alice.cutOff = true;
            await network.cut();
            await cannotReach(alice.page);
            await alice.page.keyboard.type('Written without a network. ');
            await alice.page.getByText('Kept in this browser').waitFor();
          });
          await typeAtEnd(bob.page, richText, 'Bob meanwhile. ');
          await saved(bob.page);
          assert.not.match(await textOf(bob.page, richText), 'without a network');
          await network.mend();
          await withKeptProfile(profile, network.url, { user: 'alice', at }, async (alice) => {
            const parts = ['Written online.', 'Written without a network.', 'Bob meanwhile.'];
            await same({ alice, bob }, richText, ...parts);
            await saved(alice.page);
          });
        });
      });
    });
  } finally {
    rmSync(profile, { recursive: true, force: true });
  }
});

test('alice works offline by the page’s own button and is merged when she goes online, or reloads', async () => {
  await withServer({}, async (server) => {
    await withBrowser(async (browser) => {
      await withPair(browser, { alice: server.url, bob: server.url }, richText, async (pair) => {
        const { alice, bob } = pair;
        await typeAtEnd(alice.page, richText, 'Start. ');
        await same(pair, richText, 'Start.');
        await alice.page.getByRole('button', { name: 'Work offline' }).click();
        await alice.page.getByText('You are working offline').waitFor();
        await typeAtEnd(alice.page, richText, 'Offline alice. ');
        await typeAtEnd(bob.page, richText, 'Online bob. ');
        assert.not.match(await textOf(bob.page, richText), 'Offline alice');
        await alice.page.getByText('Kept in this browser').waitFor();
        await alice.page.getByRole('button', { name: 'Go online' }).click();
        await same(pair, richText, 'Offline alice.', 'Online bob.', 'Start.');
        await saved(alice.page);
        await alice.page.getByRole('button', { name: 'Work offline' }).click();
        await typeAtEnd(alice.page, richText, 'Then reloaded. ');
        await alice.page.getByText('Kept in this browser').waitFor();
        await alice.page.reload();
        await same(pair, richText, 'Then reloaded.');
        await saved(alice.page);
      });
    });
  });
});

test.run();
