// Through the whole demo without a pointer: everything can be reached, and what has the focus can be seen.

import type { Page } from 'playwright-core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
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
    if (!now.name.includes(name)) continue;
    assert.ok(now.visible, `the focus on ${name} can be seen`);
    return;
  }
  assert.unreachable(`${name} is not reached by ${key}`);
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

test.run();
