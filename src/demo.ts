// What `contrail serve --demo` adds to a server that has just started: a few documents, once, and simulated flights, as long as it runs.
// It talks to the server as every client does, over REST, and so needs no knowledge of its parts.

import { keepFlights } from './demo-flights.js';
import { writeNotes } from './demo-notes.js';
import { code, rehearsal, welcome } from './demo-texts.js';
import type { Logger } from './logger.js';

const author = 'contrail';
const keepFlightsMs = 15_000;

const documents = [
  { id: 'welcome.md', title: 'Welcome', content: welcome },
  { id: 'connect.ts', title: 'Connect an editor', content: code },
];

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

export type Ask = (path: string, body?: object, user?: string) => Promise<Answer>;

const askOf =
  (url: string): Ask =>
  async (path, body, user = author) => {
    const response = await fetch(`${url}/api/realtime${path}`, {
      method: body ? 'POST' : 'GET',
      headers: { 'content-type': 'application/json', 'x-user-id': user },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    return { status: response.status, body: await response.json().catch(() => null) };
  };

/** A document that several people wrote, word by word, so that its history is worth looking at. */
const seedRehearsal = async (ask: Ask): Promise<void> => {
  const id = 'opening-night.txt';
  const { status } = await ask('/documents/create', { id, title: 'Opening night' }, 'alice');
  if (status !== 201) return;
  let content = '';
  for (const { user, after, text } of rehearsal) {
    let index = after === null ? content.length : content.indexOf(after) + after.length;
    for (const value of text.split(/(?<= )/)) {
      await ask(`/documents/${id}/edits`, { path: ['content'], action: 'insert', index, value }, user);
      content = content.slice(0, index) + value + content.slice(index);
      index += value.length;
    }
    if (user === 'carol' && after !== null) await ask(`/documents/${id}/versions`, { name: 'First draft' }, user);
  }
};

/** Rich text is not something REST writes: three people connect and write it. */
const seedNotes = async (ask: Ask, url: string): Promise<void> => {
  const id = 'meeting-notes.rich';
  const { status } = await ask('/documents/create', { id, title: 'Meeting notes' }, 'alice');
  if (status === 201) await writeNotes(url.replace('http', 'ws'), id);
};

const seedDocuments = async (ask: Ask, url: string, logger: Logger): Promise<void> => {
  for (const document of documents) {
    const { status } = await ask('/documents/create', document);
    // 409: there already. 410: somebody deleted it, and that is their right.
    if (![201, 409, 410].includes(status)) logger.warn({ status, document: document.id }, 'demo document not created');
  }
  await seedRehearsal(ask);
  await seedNotes(ask, url);
};

/** Resolves once the samples are there. Failures are logged: a demo without samples is still a server. Never keeps the process alive. */
export const runDemo = async (url: string, logger: Logger): Promise<void> => {
  const ask = askOf(url);
  const attempt = (work: Promise<void>): Promise<void> =>
    work.catch((error: unknown) => logger.debug({ cause: String(error) }, 'demo samples not created'));
  await attempt(seedDocuments(ask, url, logger));
  await attempt(keepFlights(ask, logger));
  setInterval(() => attempt(keepFlights(ask, logger)), keepFlightsMs).unref();
};
