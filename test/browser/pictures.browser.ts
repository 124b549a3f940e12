// The pictures that the README opens with, taken from the demo as a newcomer sees it. `PICTURES=docs/images npm run test:browser -- pictures` renews
// them; otherwise they are kept among the artefacts.

import { mkdirSync, statSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Rest } from '../support/rest.js';
import { withServer } from '../support/server-process.js';
import { artifacts, openWindow, withBrowser } from './chromium.js';

const folder = process.env['PICTURES'] ?? `${artifacts}/readme`;
const maxBytes = 200_000;

const take = async (page: Page, name: string): Promise<void> => {
  mkdirSync(folder, { recursive: true });
  const path = `${folder}/${name}.png`;
  await page.screenshot({ path, animations: 'allow', caret: 'initial' });
  assert.ok(statSync(path).size < maxBytes, `${path} has ${statSync(path).size} bytes`);
};

test('the past of a document by author, with others in it', async () => {
  await withServer({ demo: true }, async (server) => {
    await withBrowser(async (browser) => {
      const at = '/d/opening-night.txt';
      const others = await Promise.all(['bob', 'carol'].map((user) => openWindow(browser, server.url, { user, at })));
      await Promise.all(others.map(({ page }) => page.getByText('All changes saved').waitFor()));
      const viewport = { width: 1200, height: 680 };
      const { page } = await openWindow(browser, server.url, {
        user: 'alice',
        at: `${at}/history`,
        context: { viewport },
      });
      await page
        .getByRole('list', { name: 'People in this document' })
        .getByText('carol')
        .waitFor({ state: 'attached' });
      await page.getByLabel('Name for this moment').fill('Final plan');
      await page.getByRole('button', { name: 'Save the version' }).click();
      await page.getByRole('button', { name: 'Final plan', exact: true }).waitFor();
      await page.locator('.run', { hasText: 'half past' }).hover();
      await page.getByText('carol wrote this').waitFor();
      await take(page, 'history');
    });
  });
});

test('the board while a gate changes', async () => {
  await withServer({ demo: true }, async (server) => {
    await withBrowser(async (browser) => {
      const viewport = { width: 1200, height: 680 };
      const { page } = await openWindow(browser, server.url, { user: 'alice', at: '/flights', context: { viewport } });
      const rest = new Rest(server.url, 'alice');
      // Which phases the simulated flights are in depends on the hour, so the picture takes them as they come.
      await page.locator('tbody tr .status').nth(3).waitFor({ timeout: 60_000 });
      const flight = await page.locator('tbody tr').first().getAttribute('data-flight');
      await rest.call('POST', '/notifications/send', {
        userId: 'alice',
        type: 'alert',
        title: 'Gate change',
        data: { urgency: 'high', message: 'Your flight now leaves from another gate.' },
      });
      await rest.call('PATCH', `/flights/${flight}`, { gate: 'C12' });
      await page.locator('.flash', { hasText: 'C12' }).waitFor();
      await page.locator('.toast').waitFor();
      await page.evaluate(
        `Promise.all(document.querySelector('.toast').getAnimations().map(({ finished }) => finished))`,
      );
      await take(page, 'flights');
    });
  });
});

test.run();
