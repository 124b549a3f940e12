// Settings: what they accept, what they say when they do not, and that the README lists them as they are.

import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ConfigError, readConfig, settings } from '../src/config.js';

const table = (): string => {
  const rows = Object.values(settings).map(
    ({ env, fallback, sentence }) => `| \`${env}\` | ${fallback === '' ? '' : `\`${fallback}\``} | ${sentence} |`,
  );
  return ['| variable | default | what it does |', '|---|---|---|', ...rows].join('\n');
};

/** Without the blanks and dashes that a formatter aligns columns with. */
const cells = (markdown: string): string =>
  markdown
    .trim()
    .replace(/ *\| */g, '|')
    .replace(/-{3,}/g, '---');

test('the README lists every setting with its default', () => {
  const readme = readFileSync('README.md', 'utf8');
  const [before, rest] = readme.split('<!-- settings -->');
  const [listed, after] = (rest ?? '').split('<!-- /settings -->');
  if (process.env['UPDATE_README'] && after !== undefined) {
    writeFileSync('README.md', `${before}<!-- settings -->\n${table()}\n<!-- /settings -->${after}`);
    return;
  }
  assert.is(cells(listed ?? ''), cells(table()), 'UPDATE_README=1 npm test -- config writes it');
});

test('all faults are listed at once, with the variable and what it must be', () => {
  try {
    readConfig({ PORT: 'http', DURABILITY: 'maybe', ALLOW_ANONYMOUS: 'yes' });
    assert.unreachable();
  } catch (error) {
    assert.instance(error, ConfigError);
    assert.equal((error as ConfigError).faults, [
      'PORT=http: must be a whole number from 0 to 65535',
      'DURABILITY=maybe: must be one of full, normal',
      'ALLOW_ANONYMOUS=yes: must be true or false',
    ]);
  }
});

test('without an environment everything has its default', () => {
  const config = readConfig({});
  assert.is(config.port, 1234);
  assert.is(config.host, '127.0.0.1');
  assert.equal(config.channels, ['flights', 'notifications']);
  assert.ok(Object.isFrozen(config));
});

test.run();
