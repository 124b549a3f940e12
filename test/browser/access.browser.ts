// With authentication: a visitor who may only read, a document that is deleted while it is open, a token that is no good.

import { SignJWT } from 'jose';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { withServer } from '../support/server-process.js';
import { seriousViolations } from './accessibility.js';
import { keepPicture, openWindow, withBrowser } from './chromium.js';

const secret = 'a secret for tests alone, long enough for HS256';
const tokenFor = (user: string): Promise<string> =>
  new SignJWT({ sub: user, name: user })
    .setProtectedHeader({ alg: 'HS256' })
    .setExpirationTime('1h')
    .sign(new TextEncoder().encode(secret));

test('a read-only visitor sees everything live and is told why typing has no effect', async () => {
  await withServer({ env: { JWT_SECRET: secret } }, async (server) => {
    await withBrowser(async (browser) => {
      const [ownToken, visitorToken] = await Promise.all([tokenFor('alice'), tokenFor('bob')]);
      const alice = await openWindow(browser, server.url, { parameters: { token: ownToken }, at: '/d/plan.txt' });
      await alice.page.locator('.cm-content').click();
      await alice.page.keyboard.type('For your eyes. ');
      await alice.page.getByText('All changes saved').waitFor();
      assert.not.match(alice.page.url(), 'token');
      await alice.page.getByRole('button', { name: 'Share' }).click();
      await alice.page.getByLabel('Person to share with').fill('bob');
      await alice.page.getByRole('dialog').getByRole('button', { name: 'Share', exact: true }).click();
      await alice.page.getByRole('list', { name: 'Who may open it' }).getByText('viewer').waitFor();
      await keepPicture(alice.page, 'share');
      await alice.page.getByRole('button', { name: 'Done' }).click();
      const bob = await openWindow(browser, server.url, { parameters: { token: visitorToken }, at: '/d/plan.txt' });
      await bob.page.locator('.cm-content', { hasText: 'For your eyes.' }).waitFor();
      await bob.page.getByText('typing has no effect').waitFor();
      await bob.page.locator('.cm-content').click();
      await bob.page.keyboard.type('Not mine to write');
      await alice.page.locator('.cm-content').click();
      await alice.page.keyboard.press('Control+End');
      await alice.page.keyboard.type('And more.');
      await bob.page.locator('.cm-content', { hasText: 'And more.' }).waitFor();
      assert.not.match((await bob.page.locator('.cm-content').textContent()) ?? '', 'Not mine');
      await keepPicture(bob.page, 'viewer');
      assert.equal(await seriousViolations(bob.page), []);
      await alice.page.getByRole('link', { name: 'Documents', exact: true }).click();
      await alice.page.getByLabel('Delete plan.txt').click();
      await alice.page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
      await bob.page.getByRole('heading', { name: 'This document was deleted' }).waitFor();
      await keepPicture(bob.page, 'closed');
    });
  });
});

test('a server with authentication asks a newcomer for a token, and says when it is no good', async () => {
  await withServer({ env: { JWT_SECRET: secret } }, async (server) => {
    await withBrowser(async (browser) => {
      // It asks whether it needs a token, and is told so; then it shows a forged one.
      const { page } = await openWindow(browser, server.url, { refusals: /status of 401/ });
      await page.getByLabel('Your token').fill('nonsense');
      await page.getByRole('button', { name: 'Begin' }).click();
      await keepPicture(page, 'token');
      await page.getByText('That is no token').waitFor();
      const forged = await new SignJWT({ sub: 'mallory' })
        .setProtectedHeader({ alg: 'HS256' })
        .setExpirationTime('1h')
        .sign(new TextEncoder().encode('another secret, just as long as the first one'));
      await page.getByLabel('Your token').fill(forged);
      await page.getByRole('button', { name: 'Begin' }).click();
      await page.getByText('You are not signed in any more').first().waitFor();
      await page.getByRole('button', { name: 'Sign in' }).click();
      await page.getByLabel('Your token').waitFor();
    });
  });
});

test.run();
