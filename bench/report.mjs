// Figures to markdown: a table per scenario, ratios ours : peer, and the goals.

import { goals } from './goals.mjs';
import { median } from './statistics.mjs';

const shown = (value, digits) =>
  value === null || value === undefined
    ? '–'
    : value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });

/** Columns padded to equal widths, as the formatter of the project wants markdown; all but the first stand to the right. */
const table = (head, rows) => {
  const widths = head.map((_, column) => Math.max(4, ...[head, ...rows].map((row) => row[column].length)));
  const line = (cells) => `| ${cells.join(' | ')} |`;
  const padded = (row) => line(row.map((cell, column) => cell[column === 0 ? 'padEnd' : 'padStart'](widths[column])));
  const rule = line(widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)));
  return [padded(head), rule, ...rows.map(padded)].join('\n');
};

/** {scenario: {target: {key: figure}}}: the median of the runs, or their maximum where a column says so. */
export const combine = (runs, scenarios) => {
  const figures = {};
  for (const { name, columns } of scenarios) {
    figures[name] = {};
    const done = runs.filter((run) => run.scenario === name && run.figures !== null);
    for (const target of new Set(done.map((run) => run.target))) {
      const own = done.filter((run) => run.target === target);
      figures[name][target] = Object.fromEntries(
        columns.map(({ key, combine: how }) => {
          const values = own.map((run) => run.figures[key] ?? null).filter((value) => value !== null);
          return [key, how === 'max' && values.length > 0 ? Math.max(...values) : median(values)];
        }),
      );
    }
  }
  return figures;
};

const scenarioTable = (scenario, figures, titles) => {
  const columns = scenario.columns.filter(({ key }) => Object.values(figures).some((row) => row[key] !== null));
  const rows = Object.entries(figures).map(([target, row]) => [
    titles.get(target),
    ...columns.map(({ key, digits }) => shown(row[key], digits)),
  ]);
  return `### ${scenario.title}\n\n${table(['server', ...columns.map(({ title }) => title)], rows)}`;
};

const ratioTable = (scenarios, figures, titles) => {
  const rows = [];
  for (const scenario of scenarios) {
    const { ours, ...peers } = figures[scenario.name];
    if (!ours) continue;
    for (const key of scenario.compared) {
      const { title } = scenario.columns.find((column) => column.key === key);
      const row = [...titles.keys()]
        .filter((target) => target !== 'ours')
        .map((target) => (peers[target]?.[key] ? shown(ours[key] / peers[target][key], 2) : '–'));
      rows.push([`${scenario.name}: ${title}`, ...row]);
    }
  }
  if (rows.length === 0) return '';
  const peerTitles = [...titles].filter(([target]) => target !== 'ours').map(([, title]) => title);
  return `## Ratios, Contrail : peer (below 1 is in Contrail's favour)\n\n${table(['', ...peerTitles], rows)}`;
};

const goalTable = (figures, titles) => {
  const rows = [];
  for (const { scenario, key, what, peer, limit } of goals) {
    const own = figures[scenario]?.ours?.[key];
    const other = peer === undefined ? 1 : figures[scenario]?.[peer]?.[key];
    if (own === undefined || own === null || !other) continue;
    const value = own / other;
    const bound = peer === undefined ? `≤ ${limit}` : `≤ ${limit} × ${titles.get(peer)}`;
    rows.push([`${scenario}: ${what}`, bound, shown(value, 2), value <= limit ? 'held' : '**missed**']);
  }
  return rows.length === 0 ? '' : `## Goals\n\n${table(['goal', 'bound', 'measured', ''], rows)}`;
};

/** `about` is a list of sentences on the machine and the settings. */
export const report = ({ figures, scenarios, titles, about }) =>
  [
    '# Benchmark results',
    about.map((line) => `- ${line}`).join('\n'),
    goalTable(figures, titles),
    ratioTable(scenarios, figures, titles),
    '## Figures (medians over the runs)',
    ...scenarios
      .filter(({ name }) => Object.keys(figures[name]).length > 0)
      .map((scenario) => scenarioTable(scenario, figures[scenario.name], titles)),
  ]
    .filter((part) => part !== '')
    .join('\n\n')
    .concat('\n');
