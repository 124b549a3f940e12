// The metrics have one set of names: what /metrics answers, what docs/operations.md lists and what the dashboard shows.

import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { histograms, readMetrics } from '../../src/http/metric-list.js';
import { withLocalServer } from '../support/local-server.js';

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly gridPos: { readonly h: number; readonly w: number; readonly x: number; readonly y: number };
  readonly datasource?: { readonly uid: string };
  readonly fieldConfig?: { readonly defaults: { readonly unit?: string } };
  readonly targets?: readonly {
    readonly expr: string;
    readonly refId: string;
    readonly datasource: { readonly uid: string };
  }[];
}
interface Dashboard {
  readonly schemaVersion: number;
  readonly uid: string;
  readonly title: string;
  readonly templating: {
    readonly list: readonly { readonly name: string; readonly type: string; readonly query: string }[];
  };
  readonly panels: readonly Panel[];
}

const typeOf = (name: string): string => (name.endsWith('_total') ? 'counter' : 'gauge');
const listed = (): readonly { name: string; type: string; label: string; help: string }[] => [
  ...readMetrics.map(({ name, help, label = '' }) => ({ name, type: typeOf(name), label, help })),
  ...Object.values(histograms).map(({ name, help }) => ({ name, type: 'histogram', label: '', help })),
];
const table = (): string =>
  [
    '| metric | type | label | meaning |',
    '| --- | --- | --- | --- |',
    ...listed().map(
      ({ name, type, label, help }) => `| \`${name}\` | ${type} | ${label === '' ? '' : `\`${label}\``} | ${help} |`,
    ),
  ].join('\n');
/** Without the blanks and dashes that a formatter aligns columns with. */
const cells = (markdown: string): string =>
  markdown
    .trim()
    .replace(/ *\| */g, '|')
    .replace(/-{3,}/g, '---');

/** A histogram's series as expressions name them, by the name it is declared with. */
const declared = (series: string): string => series.replace(/_(bucket|sum|count)$/, '');
const metricNames = /\b[a-z_]+_[a-z_]+\b/g;
const dashboard = JSON.parse(readFileSync('docs/grafana.json', 'utf8')) as Dashboard;
const charts = dashboard.panels.filter(({ type }) => type !== 'row');

test('operations.md lists every metric with its type, label and meaning', () => {
  const page = readFileSync('docs/operations.md', 'utf8');
  const [before, rest] = page.split('<!-- metrics -->');
  const [found, after] = (rest ?? '').split('<!-- /metrics -->');
  if (process.env['UPDATE_DOCS'] && after !== undefined) {
    writeFileSync('docs/operations.md', `${before}<!-- metrics -->\n${table()}\n<!-- /metrics -->${after}`);
    return;
  }
  assert.is(cells(found ?? ''), cells(table()), 'UPDATE_DOCS=1 npm test -- metric-names writes it');
});

test('names end in their unit, and what only grows in _total', () => {
  for (const { name, type } of listed()) {
    assert.match(name, /^contrail_[a-z]+(_[a-z]+)*$/);
    assert.is(name.endsWith('_total'), type === 'counter', name);
  }
  assert.is(new Set(listed().map(({ name }) => name)).size, listed().length);
});

test('/metrics answers each of them with its type and meaning, and nothing else', () =>
  withLocalServer(async ({ url }) => {
    const text = await (await fetch(`${url}/metrics`)).text();
    const answered = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) => `${name} ${type}`);
    assert.equal(
      answered.toSorted(),
      listed()
        .map(({ name, type }) => `${name} ${type}`)
        .toSorted(),
    );
    for (const { name, help } of listed()) assert.ok(text.includes(`# HELP ${name} ${help}\n`), name);
    const labels = new Set([...text.matchAll(/[{,]([a-z_]+)="/g)].map(([, label]) => label));
    const known = new Set([
      ...listed()
        .map(({ label }) => label)
        .filter((label) => label !== ''),
      'le',
    ]);
    assert.equal(
      [...labels].filter((label) => !known.has(label ?? '')),
      [],
      'no label but those that are listed',
    );
  }));

test('the dashboard shows every metric, and none that is not there', () => {
  const shown = new Set<string>();
  for (const { title, targets = [] } of charts)
    for (const { expr } of targets) {
      const names = [...expr.matchAll(metricNames)]
        .map(([name]) => name)
        .filter((name) => name.startsWith('contrail_'));
      assert.ok(names.length > 0, `${title}: ${expr}`);
      for (const name of names) shown.add(listed().some((metric) => metric.name === name) ? name : declared(name));
    }
  assert.equal(
    [...shown].toSorted(),
    listed()
      .map(({ name }) => name)
      .toSorted(),
  );
});

test('each panel of the dashboard has a title, a unit, a description and a place of its own', () => {
  const rows = dashboard.panels.filter(({ type }) => type === 'row').map(({ title }) => title);
  assert.equal(rows, ['Traffic', 'Durability', 'Gate', 'Memory and buffers', 'Flights', 'Notifications', 'Process']);
  for (const { title, description, fieldConfig, targets = [], datasource } of charts) {
    assert.ok(title !== '' && (description ?? '').length > 10, title);
    assert.ok((fieldConfig?.defaults.unit ?? '') !== '', `${title} has no unit`);
    assert.ok(targets.length > 0, `${title} asks for nothing`);
    for (const used of [datasource, ...targets.map((target) => target.datasource)])
      assert.is(used?.uid, `\${${dashboard.templating.list[0]?.name}}`, title);
    assert.is(new Set(targets.map(({ refId }) => refId)).size, targets.length, title);
  }
  assert.is(new Set(dashboard.panels.map(({ id }) => id)).size, dashboard.panels.length);
  assert.is(new Set(charts.map(({ title }) => title)).size, charts.length);
  const taken = new Set<string>();
  for (const { title, gridPos } of dashboard.panels)
    for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1)
      for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) {
        assert.ok(x < 24 && !taken.has(`${x} ${y}`), `${title} lies over another panel`);
        taken.add(`${x} ${y}`);
      }
});

test('the dashboard can be imported: it names no data source of anybody’s', () => {
  const [datasource, ...others] = dashboard.templating.list;
  assert.equal([datasource?.type, datasource?.query], ['datasource', 'prometheus']);
  assert.equal(
    others.map(({ name }) => name),
    ['job', 'instance'],
  );
  assert.ok(dashboard.schemaVersion >= 41 && dashboard.uid !== '' && dashboard.title !== '');
});

test.run();
