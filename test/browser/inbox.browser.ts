// The bell: it rings in all windows of one person and in nobody else's.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { until } from '../support/deadline.js';
import { withServer } from '../support/server-process.js';
import { seriousViolations } from './accessibility.js';
import { keepPicture, openWindow, withBrowser } from './chromium.js';

test('a notification to alice rings in both of her windows and not in bob’s; reading it in one reads it in the other', async () => {
  await withServer({ demo: true }, async (server) => {
    await withBrowser(async (browser) => {
      const [first, second, bob] = await Promise.all([
        openWindow(browser, server.url, { user: 'alice' }),
        openWindow(browser, server.url, { user: 'alice', at: '/d/welcome.md' }),
        openWindow(browser, server.url, { user: 'bob', at: '/flights' }),
      ]);
      await second.page.getByText('All changes saved').waitFor();
      const bell = (page: typeof bob.page) => page.getByRole('button', { name: /^Notifications/ });
      const send = async (to: string, message: string, priority: string) => {
        await bell(bob.page).click();
        await bob.page.getByRole('button', { name: 'Send one' }).click();
        if (to === '') await bob.page.getByRole('button', { name: 'Everybody' }).click();
        else await bob.page.getByLabel('To', { exact: true }).fill(to);
        await bob.page.getByLabel('Message', { exact: true }).fill(message);
        await bob.page.getByLabel('Priority').selectOption(priority);
        await bob.page.getByLabel('Expires').selectOption('in an hour');
        await bob.page.getByRole('button', { name: 'Send', exact: true }).click();
        await bob.page.getByRole('button', { name: 'Send one' }).waitFor();
        await bob.page.keyboard.press('Escape');
      };
      await send('alice', 'The curtain rises in ten minutes.', 'high');
      for (const { page } of [first, second]) {
        await page.getByRole('button', { name: 'Notifications, 1 unread' }).waitFor();
        await page.locator('.toast', { hasText: 'The curtain rises' }).waitFor();
      }
      await keepPicture(first.page, 'toast');
      assert.is(await bell(bob.page).getAttribute('aria-label'), 'Notifications');
      assert.is(await bob.page.locator('.toast').count(), 0);
      await send('', 'The foyer is open to everybody.', 'normal');
      for (const { page } of [first, second])
        await page.getByRole('button', { name: 'Notifications, 2 unread' }).waitFor();
      await bob.page.getByRole('button', { name: 'Notifications, 1 unread' }).waitFor();
      await bell(first.page).click();
      const newest = first.page.locator('.inbox-list li').nth(1);
      await newest.getByText('high').waitFor();
      await newest.getByText(/until \d\d:\d\d/).waitFor();
      await keepPicture(first.page, 'inbox');
      assert.equal(await seriousViolations(first.page), []);
      await first.page
        .locator('.inbox-list')
        .getByRole('button', { name: /as read/ })
        .first()
        .click();
      await second.page.getByRole('button', { name: 'Notifications, 1 unread' }).waitFor();
      await first.page.getByRole('button', { name: 'Mark all read' }).click();
      await until(
        async () => (await bell(second.page).getAttribute('aria-label')) === 'Notifications',
        'all is read in the other window',
      );
    });
  });
});

test.run();
