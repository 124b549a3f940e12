// The REST surface as one page for people: grouped, each route with a command that can be run, what it takes and what it answers. Fetches nothing
// and runs nothing; made from the OpenAPI document and the examples.

import { html, raw } from 'hono/html';
import { type Example, examples } from './api-examples.js';
import { pageStyle } from './api-page-style.js';
import { curlCommand, exampleOrigin, shownAnswer } from './curl-command.js';
import { type MemberRow, membersOf, nameOfReference, type Schema, shapeOf } from './schema-text.js';

export interface Operation {
  readonly method: string;
  readonly path: string;
  readonly operationId: string;
  readonly tag: string;
  readonly summary?: string;
  readonly description?: string;
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required?: boolean;
    readonly description?: string;
    readonly schema?: Schema;
  }[];
  readonly requestBody?: { readonly content?: Readonly<Record<string, { readonly schema?: Schema }>> };
  readonly responses?: Readonly<
    Record<
      string,
      { readonly description?: string; readonly content?: Readonly<Record<string, { readonly schema?: Schema }>> }
    >
  >;
}

export interface PageParts {
  readonly operations: readonly Operation[];
  readonly schemas: Readonly<Record<string, Schema>>;
  readonly about: string;
  readonly version: string;
  readonly base: string;
}

const titles: Readonly<Record<string, string>> = {
  documents: 'Documents and their history',
  users: 'People',
  flights: 'Flights',
  notifications: 'Notifications',
  messages: 'Messages',
  events: 'Following everything',
  stats: 'Statistics',
  healthz: 'Health',
  metrics: 'Metrics',
};
const titleOf = (tag: string): string => titles[tag] ?? tag;

export const apiPage = ({ operations, schemas, about, version, base }: PageParts) => {
  const tags = [...new Set(operations.map(({ tag }) => tag))];
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Contrail: REST</title>
<style>${raw(pageStyle)}</style>
</head>
<body>
<a class="skip" href="#routes">To the routes</a>
<header>
<h1>Contrail <small>REST, ${version}</small></h1>
<p>${prose(about)}</p>
<ul>
<li>For programs: <a href="${base}/api-docs/openapi.json">openapi.json</a>.</li>
<li>The commands can be run from top to bottom. Those with a <code>$NAME</code> use what an earlier one answered; where it says so, keep it.</li>
<li>Errors are <code>application/problem+json</code> with a stable <code>code</code>; one 400 lists every fault.</li>
<li>Times are RFC 3339, UTC, with milliseconds. Unknown members and parameters are errors.</li>
<li>Lists take <code>limit</code> (100, at most 1,000) and <code>next</code>; the next page is also in the <code>Link</code> header.</li>
<li>Every POST honours <code>Idempotency-Key</code>; every GET behind authentication has an <code>ETag</code>.</li>
</ul>
</header>
<nav aria-label="Groups"><ul>${[
    ...tags.map((tag) => ({ id: tag, title: titleOf(tag) })),
    { id: 'shapes', title: 'Shapes' },
  ].map((group) => html`<li><a href="#${group.id}">${group.title}</a></li>`)}</ul></nav>
<main id="routes">
${tags.map(
  (tag) => html`<section aria-labelledby="${tag}"><h2 id="${tag}">${titleOf(tag)}</h2>
${operations.filter((each) => each.tag === tag).map(operationOf)}</section>`,
)}
<section aria-labelledby="shapes"><h2 id="shapes">Shapes</h2>
${Object.entries(schemas).map(
  ([name, schema]) =>
    html`<details id="shape-${name}"><summary><code>${name}</code></summary>${shape(schema)}</details>`,
)}</section>
</main>
</body>
</html>`;
};

const operationOf = (operation: Operation) => {
  const { method, path, operationId, summary, description, parameters = [], requestBody, responses = {} } = operation;
  const own = parameters.filter((each) => each.in !== 'header');
  const headers = parameters.filter((each) => each.in === 'header');
  return html`
<details id="${operationId}">
<summary><b class="${method}">${method.toUpperCase()}</b> <code>${path}</code> <span>${summary ?? ''}</span></summary>
${description ? html`<p>${prose(description)}</p>` : ''}
${examples.filter((each) => each.operationId === operationId).map((each) => exampleOf(operation, each))}
${table(
  'Parameters',
  [...own, ...headers].map((each) => ({
    name: each.name,
    required: each.required ?? false,
    shape: `${each.in}: ${shapeOf(each.schema ?? {})}`,
    says: each.description ?? '',
  })),
)}
${Object.values(requestBody?.content ?? {}).map(({ schema }) => html`<h3>Body</h3>${shape(schema ?? {})}`)}
<table><caption>Answers</caption><tbody>${Object.entries(responses).map(
    ([status, { description: says, content = {} }]) => html`<tr><th scope="row">${status}</th><td>${prose(says ?? '')}
${status < '300' ? Object.values(content).map(({ schema }) => shape(schema ?? {})) : ''}</td></tr>`,
  )}</tbody></table>
</details>`;
};

const exampleOf = (operation: Operation, example: Example) => html`
<pre tabindex="0"><code>${curlCommand(operation, example)}</code></pre>
<p class="answer">answers <code>${shownAnswer(example)}</code>${
  example.keeps ? html`; keep its <code>${example.keeps[1]}</code>: <code>${example.keeps[0]}=…</code>` : ''
}</p>`;

/** A shape by its name where it has one, else its members. */
const shape = (schema: Schema) => {
  const name = nameOfReference(schema);
  if (name) return html`<p>A <a href="#shape-${name}">${name}</a></p>`;
  const rows = membersOf(schema);
  const said = typeof schema['description'] === 'string' ? schema['description'] : '';
  return rows.length === 0 ? html`<p><code>${shapeOf(schema)}</code> ${prose(said)}</p>` : table(said, rows);
};

const table = (caption: string, rows: readonly MemberRow[]) =>
  rows.length === 0
    ? ''
    : html`<table>${caption === '' ? '' : html`<caption>${prose(caption)}</caption>`}<tbody>${rows.map(
        ({ name, required, shape: kind, says }) =>
          html`<tr><th scope="row"><code>${name}</code>${required ? '' : html` <i>optional</i>`}</th><td><code>${kind}</code> ${prose(says)}</td></tr>`,
      )}</tbody></table>`;

/** Words between backquotes are code. */
const prose = (text: string) =>
  text.split('`').map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : part));

/** The page with its commands meant for another server. */
export const atOrigin = (text: string, origin: string): string => text.replaceAll(exampleOrigin, origin);
