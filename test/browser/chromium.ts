// Debian's Chromium under playwright-core, and windows of it: each a context of its own, so that each can be another person. Every window notes
// what its console complained about.

import { mkdirSync } from 'node:fs';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';

const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
const flags = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const actionMs = 10_000;

export const artifacts = 'test-artifacts';

export interface Window {
  readonly page: Page;
  /** Errors of its console and uncaught exceptions, oldest first. */
  readonly faults: string[];
  close(): Promise<void>;
}

export interface WindowOptions extends BrowserContextOptions {
  readonly user?: string;
  /** The page after the `#`. */
  readonly at?: string;
  /** Further parameters of the page's address. */
  readonly parameters?: Readonly<Record<string, string>>;
}

/** Losing the server on purpose is reported by the browser itself, and is not the page's fault. */
const expected =
  /ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_INTERNET_DISCONNECTED|ERR_EMPTY_RESPONSE|closed before receiving a handshake/;

export const openWindow = async (browser: Browser, url: string, options: WindowOptions = {}): Promise<Window> => {
  const { user, at = '/documents', parameters = {}, ...contextOptions } = options;
  const context = await browser.newContext({
    viewport: { width: 1280, height: 800 },
    colorScheme: 'light',
    locale: 'en-GB',
    timezoneId: 'UTC',
    permissions: ['clipboard-read', 'clipboard-write'],
    ...contextOptions,
  });
  context.setDefaultTimeout(actionMs);
  const page = await context.newPage();
  const faults: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' && !expected.test(message.text())) faults.push(message.text());
  });
  page.on('pageerror', (error) => faults.push(error.stack ?? error.message));
  const query = new URLSearchParams({ ...(user === undefined ? {} : { user }), ...parameters });
  await page.goto(`${url}/${query.size > 0 ? `?${query}` : ''}#${at}`);
  return { page, faults, close: () => context.close() };
};

/** Runs `work` with a browser that nobody used before (playwright gives it a fresh profile), and ends it whatever happens. */
export const withBrowser = async (work: (browser: Browser) => Promise<void>): Promise<void> => {
  const browser = await chromium.launch({ executablePath, args: flags });
  try {
    await work(browser);
  } finally {
    await browser.close();
  }
};

/** Keeps a picture of the window for people to look at. */
export const keepPicture = async (page: Page, name: string): Promise<void> => {
  mkdirSync(artifacts, { recursive: true });
  await page.screenshot({ path: `${artifacts}/${name}.png`, animations: 'disabled' });
};
