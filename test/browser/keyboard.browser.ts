// Through the whole demo without a pointer: everything can be reached, and what has the focus can be seen.

import type { Page } from 'playwright-core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { until } from '../support/deadline.js';
import { withServer } from '../support/server-process.js';
import { openWindow, withBrowser } from './chromium.js';

const farthest = 60;

const focused = async (page: Page): Promise<{ readonly name: string; readonly visible: boolean }> =>
  (await page.evaluate(`(() => {
    const element = document.activeElement;
    const name = element === document.body ? '' : (element.getAttribute('aria-label') ?? element.textContent ?? '');
    return { name: name.trim() || element.type || '', visible: getComputedStyle(element).outlineStyle !== 'none' };
  })()`)) as { name: string; visible: boolean };

/** Presses Tab until the element has the focus, and sees it marked. */
const tabTo = async (page: Page, name: string, key = 'Tab'): Promise<void> => {
  for (let step = 0; step < farthest; step += 1) {
    await page.keyboard.press(key);
    const now = await focused(page);
    // Not just anywhere in it: a text that has the focus may contain any word.
    if (!now.name.startsWith(name)) continue;
    assert.ok(now.visible, `the focus on ${name} can be seen`);
    return;
  }
  assert.unreachable(`${name} is not reached by ${key}`);
};

/** Presses Tab until the field that the label names has the focus. */
const tabToField = async (page: Page, label: string): Promise<void> => {
  const field = page.getByLabel(label, { exact: true });
  for (let step = 0; step < farthest; step += 1) {
    await page.keyboard.press('Tab');
    if (await field.evaluate((element) => element === element.ownerDocument.activeElement)) return;
  }
  assert.unreachable(`the field ${label} is not reached by Tab`);
};

test('documents, the past, restoring and flights are used by keyboard alone', () =>
  withServer({ demo: true }, (server) =>
    withBrowser(async (browser) => {
      const { page, close, faults } = await openWindow(browser, server.url, { user: 'alice', at: '/documents' });
      await page.getByRole('link', { name: 'Opening night', exact: true }).waitFor();
      await tabTo(page, 'Opening night');
      await page.keyboard.press('Enter');
      await page.locator('.cm-content').waitFor();
      await tabTo(page, 'History');
      await page.keyboard.press('Enter');
      await page.locator('.history[data-shown]').waitFor();
      const head = Number(await page.locator('.history').getAttribute('data-shown'));
      await page.getByRole('slider').first().focus();
      for (let step = 0; step < 5; step += 1) await page.keyboard.press('ArrowLeft');
      await page.locator(`.history[data-shown="${head - 5}"]`).waitFor();
      await tabTo(page, 'Restore this moment');
      await page.keyboard.press('Enter');
      const dialog = page.getByRole('dialog');
      await dialog.waitFor();
      assert.ok(
        await dialog.evaluate((element) => element.contains(element.ownerDocument.activeElement)),
        'the focus is in the dialog',
      );
      await page.keyboard.press('Escape');
      await dialog.waitFor({ state: 'detached' });
      assert.match((await focused(page)).name, 'Restore this moment');
      await tabTo(page, 'Flights', 'Shift+Tab');
      await page.keyboard.press('Enter');
      await page.locator('.board tbody tr').nth(3).waitFor();
      const flight = (await page.locator('.board tbody tr button').first().textContent())?.trim() ?? '';
      await tabTo(page, flight);
      await page.keyboard.press('Enter');
      await page.getByRole('complementary', { name: `Flight ${flight}` }).waitFor();
      assert.match((await focused(page)).name, flight);
      assert.equal(faults, []);
      await close();
    }),
  ));

test('sharing a document and the bell are used by keyboard alone', () =>
  withServer({ demo: true }, (server) =>
    withBrowser(async (browser) => {
      const { page, close, faults } = await openWindow(browser, server.url, { user: 'alice', at: '/d/welcome.md' });
      // The text takes the focus when it is there.
      await page.locator('.cm-focused').waitFor();
      await page.getByText('All changes saved').waitFor();
      await tabTo(page, 'Share');
      await page.keyboard.press('Enter');
      const dialog = page.getByRole('dialog');
      await dialog.getByLabel('Link of this document').waitFor();
      await tabTo(page, 'Done');
      await page.keyboard.press('Enter');
      await dialog.waitFor({ state: 'detached' });
      await until(async () => (await focused(page)).name === 'Share', 'the focus is back on the button');
      await tabTo(page, 'Notifications', 'Shift+Tab');
      await page.keyboard.press('Enter');
      // Focus that goes elsewhere before the panel is there would close it again.
      await page.locator('.inbox').waitFor();
      await tabTo(page, 'Send one');
      await page.keyboard.press('Enter');
      await page.getByLabel('To', { exact: true }).waitFor();
      const { keyboard } = page;
      const typeInto = async (label: string, text: string) => {
        await tabToField(page, label);
        await keyboard.type(text);
      };
      await typeInto('To', 'alice');
      await typeInto('Message', 'by keyboard');
      await keyboard.press('Enter');
      await page.getByRole('button', { name: 'Notifications, 1 unread' }).waitFor();
      await page.locator('.inbox-list li', { hasText: 'by keyboard' }).waitFor();
      await tabTo(page, 'Mark all read', 'Shift+Tab');
      await keyboard.press('Enter');
      await page.getByRole('button', { name: 'Notifications', exact: true }).waitFor();
      await keyboard.press('Escape');
      await page.locator('.inbox').waitFor({ state: 'detached' });
      await until(async () => (await focused(page)).name === 'Notifications', 'the focus is back on the bell');
      assert.equal(faults, []);
      await close();
    }),
  ));

test.run();
