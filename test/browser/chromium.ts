// Debian's Chromium under playwright-core, and windows of it: each a context of its own, so that each can be another person. Every window notes
// what its console complained about, and a browser in which one complained fails its test.

import { mkdirSync } from 'node:fs';
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import * as assert from 'uvu/assert';
import { until } from '../support/deadline.js';

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
  /** Set while the test itself keeps the server from it: the browser then reports refused connections, which is not the page's fault. */
  cutOff: boolean;
  close(): Promise<void>;
}

export interface WindowOptions {
  readonly context?: BrowserContextOptions;
  readonly user?: string;
  /** The page after the `#`. */
  readonly at?: string;
  /** Further parameters of the page's address. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** What the browser itself is going to report when the server refuses something, as this test wants it to. */
  readonly refusals?: RegExp;
  /** Done to the page before anything is loaded. */
  readonly prepare?: (page: Page) => Promise<void>;
}

const lost =
  /ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_CONNECTION_CLOSED|ERR_SOCKET_NOT_CONNECTED|ERR_EMPTY_RESPONSE|closed before receiving a handshake/;

const contextDefaults: BrowserContextOptions = {
  viewport: { width: 1280, height: 800 },
  colorScheme: 'light',
  locale: 'en-GB',
  timezoneId: 'UTC',
  permissions: ['clipboard-read', 'clipboard-write'],
};

/** Every window of a browser since it was started. */
const opened = new WeakMap<Browser, Window[]>();

const watched = async (context: BrowserContext, url: string, options: WindowOptions): Promise<Window> => {
  const { user, at = '/documents', parameters = {}, refusals, prepare } = options;
  context.setDefaultTimeout(actionMs);
  const page = await context.newPage();
  const window: Window = { page, faults: [], cutOff: false, close: () => context.close() };
  page.on('console', (message) => {
    const text = message.text();
    if (message.type() !== 'error' || (window.cutOff && lost.test(text)) || refusals?.test(text)) return;
    window.faults.push(`${text} (${message.location().url})`);
  });
  page.on('pageerror', (error) => window.faults.push(error.stack ?? error.message));
  await prepare?.(page);
  const query = new URLSearchParams({ ...(user === undefined ? {} : { user }), ...parameters });
  await page.goto(`${url}/${query.size > 0 ? `?${query}` : ''}#${at}`);
  return window;
};

export const openWindow = async (browser: Browser, url: string, options: WindowOptions = {}): Promise<Window> => {
  const context = await browser.newContext({ ...contextDefaults, ...options.context });
  const window = await watched(context, url, options);
  opened.get(browser)?.push(window);
  return window;
};

/** Runs `work` with a browser that nobody used before (playwright gives it a fresh profile), and ends it whatever happens. */
export const withBrowser = async (work: (browser: Browser) => Promise<void>): Promise<void> => {
  const browser = await chromium.launch({ executablePath, args: flags });
  const windows: Window[] = [];
  opened.set(browser, windows);
  try {
    await work(browser);
    assert.equal(
      windows.flatMap(({ faults }) => faults),
      [],
      'no window complained',
    );
  } finally {
    await browser.close();
  }
};

/** Runs `work` in a window of a browser whose profile is kept in `folder`; the browser is ended afterwards. */
export const withKeptProfile = async (
  folder: string,
  url: string,
  options: WindowOptions,
  work: (window: Window) => Promise<void>,
): Promise<void> => {
  const context = await chromium.launchPersistentContext(folder, { executablePath, args: flags, ...contextDefaults });
  try {
    const window = await watched(context, url, options);
    await work(window);
    assert.equal(window.faults, [], 'the window did not complain');
  } finally {
    await context.close();
  }
};

/** Runs `work` while the server is out of reach of these windows, until all of them are online again. */
export const whileCutOff = async (windows: readonly Window[], work: () => Promise<void>): Promise<void> => {
  for (const window of windows) window.cutOff = true;
  await work();
  const banner = '.banner-offline, .saved-offline, .saved-connecting';
  await until(
    async () => (await Promise.all(windows.map(({ page }) => page.locator(banner).count()))).every((n) => n === 0),
    'all windows are online again',
    30_000,
  );
  for (const window of windows) window.cutOff = false;
};

/** Keeps a picture of the window for people to look at. */
export const keepPicture = async (page: Page, name: string): Promise<void> => {
  mkdirSync(artifacts, { recursive: true });
  await page.screenshot({ path: `${artifacts}/${name}.png`, animations: 'disabled' });
};
