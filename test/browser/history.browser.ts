// The page of a document's past, against what REST says of the same moments.

import type { Page } from 'playwright-core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { until } from '../support/deadline.js';
import { Rest } from '../support/rest.js';
import { withServer } from '../support/server-process.js';
import { seriousViolations } from './accessibility.js';
import { keepPicture, openWindow, withBrowser } from './chromium.js';
import { typeSampleHistory } from './sample-history.js';

const id = 'opening-night.txt';

interface Run {
  readonly text: string;
  readonly actor: string;
}

/** Neighbours of one author as one. */
const joined = (runs: readonly Run[]): readonly Run[] => {
  const result: Run[] = [];
  for (const { text, actor } of runs) {
    const last = result.at(-1);
    if (last?.actor === actor) result[result.length - 1] = { actor, text: last.text + text };
    else result.push({ text, actor });
  }
  return result;
};

const moveTo = async (page: Page, seq: number): Promise<void> => {
  await page.getByLabel('Moment in the history').fill(String(seq));
  await page.locator(`.history[data-shown="${seq}"]`).waitFor();
};

const runsOnPage = async (page: Page): Promise<readonly (Run & { readonly colour: string })[]> =>
  (await page.evaluate(
    `[...document.querySelectorAll('.past .run')].map((run) => ({ text: run.textContent, actor: run.dataset.actor, colour: run.style.getPropertyValue('--author') }))`,
  )) as (Run & { colour: string })[];

test('the slider shows the text of each moment, in the colours of those who wrote it', async () => {
  await withServer({}, async (server) => {
    const text = await typeSampleHistory(server.wsUrl, id);
    const rest = new Rest(server.url, 'alice');
    const { seq: head } = await rest.json<{ seq: number }>(`/documents/${id}`);
    await withBrowser(async (browser) => {
      const { page } = await openWindow(browser, server.url, { user: 'alice', at: `/d/${id}/history` });
      await page.locator(`.history[data-shown="${head}"]`).waitFor();
      assert.is(await page.locator('.past-text').textContent(), text);
      for (const share of [1, 0.75, 0.5, 0.25, 0.1]) {
        const seq = Math.max(2, Math.round(head * share));
        await moveTo(page, seq);
        assert.is(
          await page.locator('.past-text').textContent(),
          await rest.text(`/documents/${id}/at?seq=${seq}&as=text`),
        );
        const runs = await runsOnPage(page);
        const { runs: attributed } = await rest.json<{ runs: Run[] }>(`/documents/${id}/attribution?seq=${seq}`);
        assert.equal(joined(runs), joined(attributed), `seq ${seq}`);
        const colours = new Map(runs.map(({ actor, colour }) => [actor, colour]));
        assert.ok(runs.every(({ actor, colour }) => colours.get(actor) === colour && colour !== ''));
        assert.is(new Set(colours.values()).size, colours.size, 'everybody has a colour of their own');
      }
      await moveTo(page, head);
      await page.locator('.run', { hasText: 'half past' }).hover();
      await page.getByText('carol wrote this').waitFor();
      await keepPicture(page, 'history-authors');
      await page.getByRole('button', { name: 'Changes' }).click();
      await page.getByLabel('Compare from').fill('20');
      await page.locator('ins', { hasText: 'cloakroom' }).waitFor();
      await keepPicture(page, 'history-changes');
      assert.equal(await seriousViolations(page), []);
      await page.getByRole('button', { name: 'Authors' }).first().click();
      await page.getByRole('button', { name: 'Play the history' }).click();
      await until(async () => (await page.getByRole('button', { name: 'Pause' }).count()) === 1, 'it plays');
      await page.getByRole('button', { name: 'Play the history' }).waitFor({ timeout: 30_000 });
      assert.is(await page.locator('.past-text').textContent(), text, 'it ends at the newest state');
    });
  });
});

test('a moment gets a name, is restored from the page after a preview, and the restore is undone', async () => {
  await withServer({}, async (server) => {
    const text = await typeSampleHistory(server.wsUrl, id);
    const rest = new Rest(server.url, 'alice');
    await withBrowser(async (browser) => {
      const { page } = await openWindow(browser, server.url, { user: 'alice', at: `/d/${id}/history` });
      await page.locator('.history[data-shown]').waitFor();
      await moveTo(page, 20);
      const earlier = await rest.text(`/documents/${id}/at?seq=20&as=text`);
      await page.getByLabel('Name for this moment').fill('First draft');
      await page.getByRole('button', { name: 'Save the version' }).click();
      await page.getByRole('button', { name: 'First draft', exact: true }).waitFor();
      await page.getByRole('button', { name: 'Restore this moment' }).click();
      const dialog = page.getByRole('dialog');
      await dialog.locator('.change-delete').first().waitFor();
      await keepPicture(page, 'history-restore');
      assert.equal(await seriousViolations(page), []);
      await dialog.getByRole('button', { name: 'Restore' }).click();
      await page.getByText('Restored for everybody').waitFor();
      assert.is(await rest.documentText(id), earlier);
      await until(async () => (await page.locator('.past-text').textContent()) === earlier, 'the page shows it');
      await page.getByRole('button', { name: 'Undo', exact: true }).click();
      await until(async () => (await rest.documentText(id)) === text, 'the restore is undone');
      await until(async () => (await page.locator('.past-text').textContent()) === text, 'the page shows it again');
    });
  });
});

test('the past of rich text keeps its blocks and marks', async () => {
  await withServer({}, async (server) => {
    await withBrowser(async (browser) => {
      const at = '/d/minutes.rich';
      const { page } = await openWindow(browser, server.url, { user: 'alice', at });
      await page.locator('.ProseMirror').click();
      await page.keyboard.type('# Minutes\nWe met ');
      await page.keyboard.press('Control+b');
      await page.keyboard.type('twice');
      await page.keyboard.press('Control+b');
      await page.keyboard.type(' this week.\n- one\nother\n');
      await page.getByText('All changes saved').waitFor();
      await page.getByRole('link', { name: 'History' }).click();
      const past = page.locator('.past-rich');
      await past.getByRole('heading', { name: 'Minutes' }).waitFor();
      assert.is(await past.locator('strong').textContent(), 'twice');
      assert.equal(await past.locator('li').allTextContents(), ['one', 'other', '']);
      assert.is(await past.locator('.run').first().getAttribute('data-actor'), 'alice');
      await keepPicture(page, 'history-rich');
    });
  });
});

test.run();
