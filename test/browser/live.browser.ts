// What moves by itself: counters while others type, faces in the list of documents, and the bell of who watches a flight.

import type { Page } from 'playwright-core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { until } from '../support/deadline.js';
import { Rest } from '../support/rest.js';
import { withServer } from '../support/server-process.js';
import { openWindow, withBrowser } from './chromium.js';

test('the stats page counts connections, edits and commits while somebody comes and types', () =>
  withServer({ demo: true }, (server) =>
    withBrowser(async (browser) => {
      const alice = await openWindow(browser, server.url, { user: 'alice', at: '/stats' });
      const figure = async (title: string): Promise<string> => {
        const card = alice.page.locator('.card', {
          has: alice.page.getByRole('heading', { name: title, exact: true }),
        });
        return (await card.textContent()) ?? '';
      };
      await alice.page.getByText('Last commit').waitFor();
      const before = { connections: await figure('Connections'), edits: await figure('Edits a second') };
      const commits = await figure('Last commit');
      const bob = await openWindow(browser, server.url, { user: 'bob', at: '/d/welcome.md' });
      await bob.page.locator('.cm-content').click();
      await bob.page.keyboard.type('What bob types is counted. ');
      await until(async () => (await figure('Connections')) !== before.connections, 'bob’s connection is counted');
      await until(async () => (await figure('Edits a second')) !== before.edits, 'bob’s edits are counted');
      await until(async () => (await figure('Last commit')) !== commits, 'the commits are counted');
      await alice.page.getByRole('region', { name: 'Online now' }).getByText('bob').waitFor();
      assert.equal([...alice.faults, ...bob.faults], []);
      await Promise.all([alice.close(), bob.close()]);
    }),
  ));

test('the list of documents shows who is in each, and no longer once they have gone', () =>
  withServer({ demo: true }, (server) =>
    withBrowser(async (browser) => {
      const alice = await openWindow(browser, server.url, { user: 'alice', at: '/documents' });
      const row = alice.page.locator('li.document', {
        has: alice.page.getByRole('link', { name: 'Welcome', exact: true }),
      });
      await row.waitFor();
      const bob = await openWindow(browser, server.url, { user: 'bob', at: '/d/welcome.md' });
      await row.getByText('In it now: bob').waitFor({ state: 'attached' });
      await bob.close();
      await row.getByText('In it now').waitFor({ state: 'detached' });
      assert.equal(alice.faults, []);
      await alice.close();
    }),
  ));

test('who asked for it on a flight hears of its new gate, and nobody else does', () =>
  withServer({ demo: true }, (server) =>
    withBrowser(async (browser) => {
      const [alice, bob] = await Promise.all([
        openWindow(browser, server.url, { user: 'alice', at: '/flights' }),
        openWindow(browser, server.url, { user: 'bob', at: '/flights' }),
      ]);
      const row = (page: Page) => page.locator('tbody tr').first();
      await Promise.all([alice, bob].map(({ page }) => row(page).waitFor()));
      const flight = await row(alice.page).getAttribute('data-flight');
      await row(alice.page).getByRole('button').first().click();
      await alice.page.getByRole('button', { name: 'Ring my bell when it changes' }).click();
      await alice.page.getByRole('button', { name: 'Your bell rings when it changes', pressed: true }).waitFor();
      await new Rest(server.url, 'carol').call('PATCH', `/flights/${flight}`, { gate: 'Z42' });
      await alice.page.locator('.toast', { hasText: 'Z42' }).waitFor();
      await alice.page.getByRole('button', { name: /^Notifications, \d+ unread/ }).waitFor();
      await bob.page.locator('[data-field="gate"]', { hasText: 'Z42' }).waitFor();
      assert.is(await bob.page.locator('.toast').count(), 0);
      await bob.page.getByRole('button', { name: 'Notifications', exact: true }).waitFor();
      assert.equal([...alice.faults, ...bob.faults], []);
      await Promise.all([alice.close(), bob.close()]);
    }),
  ));

test.run();
