// The flight board in two windows.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { withServer } from '../support/server-process.js';
import { seriousViolations } from './accessibility.js';
import { keepPicture, openWindow, withBrowser } from './chromium.js';

const soonMs = 1_000;

test('a flight tracked by alice is on both boards within a second, and its gate change flashes on bob’s', async () => {
  await withServer({ demo: true }, async (server) => {
    await withBrowser(async (browser) => {
      const [alice, bob] = await Promise.all(
        ['alice', 'bob'].map((user) => openWindow(browser, server.url, { user, at: '/flights' })),
      );
      if (!alice || !bob) return;
      await Promise.all(
        [alice, bob].map(({ page }) => page.locator('tbody tr', { hasText: 'DL 123' }).first().waitFor()),
      );
      await alice.page.getByRole('button', { name: 'Track a flight' }).click();
      const form = alice.page.getByRole('form', { name: 'Track a flight' });
      await form.getByLabel('Flight').fill('UA 901');
      await form.getByLabel('From').fill('SFO');
      await form.getByLabel('To').fill('LHR');
      await form.getByRole('button', { name: 'Track', exact: true }).click();
      const rowOf = (page: typeof alice.page) => page.locator('tbody tr', { hasText: 'UA 901' });
      await rowOf(alice.page).waitFor();
      await rowOf(bob.page).waitFor({ timeout: soonMs });
      await rowOf(alice.page).getByRole('button').click();
      const detail = alice.page.getByRole('complementary', { name: 'Flight UA 901' });
      await detail.getByLabel('Gate').fill('Z99');
      await detail.getByRole('button', { name: 'Change', exact: true }).click();
      const gate = rowOf(bob.page).locator('[data-field="gate"] .flash', { hasText: 'Z99' });
      await gate.waitFor({ timeout: soonMs });
      const animation = await bob.page.evaluate(
        `getComputedStyle([...document.querySelectorAll('[data-field="gate"] .flash')].find((node) => node.textContent.includes('Z99'))).animationName`,
      );
      assert.is(animation, 'flash');
      await detail.getByText('gate:').first().waitFor();
      await keepPicture(alice.page, 'flights-detail');
      await keepPicture(bob.page, 'flights');
      assert.equal(await seriousViolations(alice.page), []);
      await bob.page.getByLabel('Filter by number, city, airport or gate').fill('Z99');
      assert.is(await bob.page.locator('tbody tr').count(), 1);
      await detail.getByRole('button', { name: 'Stop tracking' }).click();
      await detail.getByRole('button', { name: 'Stop tracking', disabled: true }).waitFor();
      assert.equal([...alice.faults, ...bob.faults], []);
      await Promise.all([alice.close(), bob.close()]);
    });
  });
});

test.run();
