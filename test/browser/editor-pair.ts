// alice and bob in one document, each in a window of their own, in either editor.

import type { Browser, Page } from 'playwright-core';
import { until } from '../support/deadline.js';
import { openWindow, type Window } from './chromium.js';

export interface Editor {
  readonly id: string;
  readonly selector: string;
  /** The name on another person's cursor. */
  readonly cursorName: string;
}
export const plainText: Editor = { id: 'plan.txt', selector: '.cm-content', cursorName: '.cm-ySelectionInfo' };
export const richText: Editor = { id: 'notes.rich', selector: '.ProseMirror', cursorName: '.cursor-name' };
export const editors: readonly Editor[] = [plainText, richText];

export interface Pair {
  readonly alice: Window;
  readonly bob: Window;
}

/** What stands in the editor, without other people's cursors, line breaks and the joiners around cursors. */
export const textOf = async (page: Page, { selector, cursorName }: Editor): Promise<string> =>
  String(
    await page.evaluate(`(() => {
      const copy = document.querySelector(${JSON.stringify(selector)})?.cloneNode(true);
      if (!copy) return '';
      for (const other of copy.querySelectorAll(${JSON.stringify(`${cursorName}, .cm-ySelectionCaret, .cm-placeholder`)})) other.remove();
      return copy.textContent.replace(/[\\u2060\\u200b]/g, '');
    })()`),
  );

export const saved = (page: Page): Promise<void> => page.getByText('All changes saved').waitFor();

/** Where each reaches the server; the same for both unless given. */
export interface Ways {
  readonly alice: string;
  readonly bob: string;
}

export const withPair = async (
  browser: Browser,
  { alice: aliceUrl, bob: bobUrl }: Ways,
  editor: Editor,
  work: (pair: Pair) => Promise<void>,
): Promise<void> => {
  const at = `/d/${editor.id}`;
  const [alice, bob] = await Promise.all([
    openWindow(browser, aliceUrl, { user: 'alice', at }),
    openWindow(browser, bobUrl, { user: 'bob', at }),
  ]);
  await Promise.all([alice, bob].map(({ page }) => page.locator(editor.selector).waitFor()));
  await work({ alice, bob });
};

/** Waits until both windows show the same text, with all of the parts in it. */
export const same = async ({ alice, bob }: Pair, editor: Editor, ...parts: readonly string[]): Promise<void> => {
  let texts: readonly string[] = [];
  await until(
    async () => {
      texts = await Promise.all([alice, bob].map(({ page }) => textOf(page, editor)));
      return texts[0] === texts[1] && parts.every((part) => texts[0]?.includes(part));
    },
    `both see ${parts.join(' and ')}`,
    20_000,
  ).catch((error: unknown) => {
    throw new Error(`${error}: ${JSON.stringify(texts)}`);
  });
};

/** Puts the cursor at the end of the text and types. */
export const typeAtEnd = async (page: Page, editor: Editor, text: string): Promise<void> => {
  await page.locator(editor.selector).click();
  await page.keyboard.press('Control+End');
  await page.keyboard.type(text);
};
