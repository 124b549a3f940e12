// Every page, by day and by night, wide and narrow: loads quickly, complains about nothing, can be used without seeing it. Pictures are kept.

import type { Page } from 'playwright-core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Rest } from '../support/rest.js';
import { withServer } from '../support/server-process.js';
import { seriousViolations } from './accessibility.js';
import { keepPicture, openWindow, withBrowser } from './chromium.js';

const firstLoadBytes = 300 * 1024;
const interactiveMs = 1_000;

/** What counts as good: https://web.dev/articles/cls */
const maxLayoutShift = 0.1;
const layoutShift = `new Promise((resolve) => {
  let sum = 0;
  const observer = new PerformanceObserver((list) => { for (const { value } of list.getEntries()) sum += value; });
  observer.observe({ type: 'layout-shift', buffered: true });
  requestAnimationFrame(() => setTimeout(() => resolve(sum)));
})`;

const looks = [
  { name: 'light', context: {} },
  { name: 'dark', context: { colorScheme: 'dark' as const } },
  { name: 'phone', context: { viewport: { width: 390, height: 844 } } },
  { name: 'wide', context: { viewport: { width: 1920, height: 1080 } } },
];

interface Stop {
  readonly name: string;
  readonly at: string;
  readonly ready: (page: Page) => Promise<unknown>;
}

const stops: readonly Stop[] = [
  {
    name: 'documents',
    at: '/documents',
    ready: (page) => page.getByRole('link', { name: 'Welcome', exact: true }).waitFor(),
  },
  {
    name: 'markdown',
    at: '/d/welcome.md',
    ready: (page) => page.locator('.cm-line', { hasText: 'Welcome to Contrail' }).waitFor(),
  },
  {
    name: 'code',
    at: '/d/connect.ts',
    ready: (page) => page.locator('.cm-line', { hasText: 'const doc' }).first().waitFor(),
  },
  { name: 'rich', at: '/d/meeting-notes.rich', ready: (page) => page.locator('.ProseMirror h1').waitFor() },
  {
    name: 'history',
    at: '/d/opening-night.txt/history',
    ready: (page) => page.locator('.history[data-shown]').waitFor(),
  },
  { name: 'flights', at: '/flights', ready: (page) => page.locator('.board tbody tr').nth(7).waitFor() },
  { name: 'stats', at: '/stats', ready: (page) => page.getByText('Last commit').waitFor() },
];

test('every page is accessible and quiet, by day, by night, on a phone and on a wide screen', async () => {
  await withServer({ demo: true }, async (server) => {
    await withBrowser(async (browser) => {
      const faults: string[] = [];
      for (const look of looks) {
        for (const stop of stops) {
          const window = await openWindow(browser, server.url, { user: 'alice', at: stop.at, context: look.context });
          await stop.ready(window.page);
          await keepPicture(window.page, `${stop.name}-${look.name}`);
          const found = [...(await seriousViolations(window.page)), ...window.faults];
          const shift = Number(await window.page.evaluate(layoutShift));
          if (shift > maxLayoutShift) found.push(`the layout jumps by ${shift.toFixed(3)}`);
          const sideways = await window.page.evaluate('document.documentElement.scrollWidth - innerWidth');
          if (Number(sideways) > 0) found.push(`scrolls sideways by ${sideways}`);
          faults.push(...found.map((fault) => `${stop.name}, ${look.name}: ${fault}`));
          await window.close();
        }
      }
      assert.equal(faults, []);
    });
  });
});

test('the page of the API is accessible, stays within the screen and fetches nothing, by day, by night, on a phone and on a wide screen', async () => {
  await withServer({}, async (server) => {
    await withBrowser(async (browser) => {
      const faults: string[] = [];
      for (const look of looks) {
        const context = await browser.newContext(look.context);
        const page = await context.newPage();
        const fetched: string[] = [];
        page.on('request', (request) => fetched.push(new URL(request.url()).pathname));
        await page.goto(`${server.url}/api-docs`);
        await page.getByRole('link', { name: 'Flights', exact: true }).click();
        await page.getByText('Track a flight', { exact: true }).click();
        await page.getByText('"flightNumber":"DL123"').waitFor();
        await keepPicture(page, `api-docs-${look.name}`);
        await page.evaluate('for (const each of document.querySelectorAll("details")) each.open = true');
        const found = [...(await seriousViolations(page)), ...fetched.filter((path) => path !== '/api-docs')];
        const sideways = Number(await page.evaluate('document.documentElement.scrollWidth - innerWidth'));
        if (sideways > 0) found.push(`scrolls sideways by ${sideways}`);
        faults.push(...found.map((fault) => `${look.name}: ${fault}`));
        await context.close();
      }
      assert.equal(faults, []);
    });
  });
});

test('a newcomer picks a name and is at the documents; the first load is small and soon usable', async () => {
  await withServer({ demo: true }, async (server) => {
    await withBrowser(async (browser) => {
      const window = await openWindow(browser, server.url);
      const name = window.page.getByLabel('Your name');
      await name.waitFor();
      await keepPicture(window.page, 'welcome');
      assert.equal(await seriousViolations(window.page), []);
      const [bytes, interactive] = (await window.page.evaluate(`[
        performance.getEntriesByType('resource').concat(performance.getEntriesByType('navigation')).reduce((sum, entry) => sum + entry.transferSize, 0),
        performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd,
      ]`)) as [number, number];
      console.log(
        `  first load ${Math.round(bytes / 1024)} KiB on the wire, interactive after ${Math.round(interactive)} ms`,
      );
      assert.ok(bytes > 0 && bytes < firstLoadBytes, `${bytes} bytes`);
      assert.ok(interactive < interactiveMs, `${interactive} ms`);
      await name.fill('Ada Lovelace');
      await window.page.keyboard.press('Enter');
      await window.page.getByRole('heading', { name: 'Documents' }).waitFor();
      await window.page.getByLabel('You are Ada Lovelace').waitFor();
    });
  });
});

test('a document is created, renamed, shared by its link and deleted from the list', async () => {
  await withServer({}, async (server) => {
    await withBrowser(async (browser) => {
      const { page } = await openWindow(browser, server.url, { user: 'alice' });
      await page.getByText('There are no documents yet').waitFor();
      await keepPicture(page, 'documents-empty');
      await page.getByLabel('Title of a new document').fill('Trip to Lisbon');
      await page.getByRole('button', { name: 'Create' }).click();
      await page.locator('.ProseMirror').waitFor();
      await page.getByRole('link', { name: 'Documents', exact: true }).click();
      await page.getByLabel('Copy the link of Trip to Lisbon').click();
      const link = String(await page.evaluate('navigator.clipboard.readText()'));
      assert.match(link, /#\/d\/trip-to-lisbon-\w{4}\.rich$/);
      assert.is((await new Rest(server.url, 'bob').call('GET', `/documents/${link.split('/').at(-1)}`)).status, 200);
      await page.getByLabel('Rename Trip to Lisbon').click();
      await page.getByRole('dialog').getByLabel('Title').fill('Trip to Porto');
      await page.getByRole('dialog').getByRole('button', { name: 'Rename' }).click();
      await page.getByRole('link', { name: 'Trip to Porto' }).waitFor();
      await page.getByLabel('Delete Trip to Porto').click();
      await keepPicture(page, 'documents-delete');
      await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
      await page.getByText('There are no documents yet').waitFor();
    });
  });
});

test.run();
