// Odd requests against a real server, many at once: each is answered in time, as the OpenAPI document says, never with a 500; afterwards the server
// is healthy, its log verifies, nobody else's document has changed, and a restart shows the same state.

import { Agent, type IncomingHttpHeaders, request as send } from 'node:http';
import fc from 'fast-check';
import { errorTable } from '../../src/model/errors.js';
import { secret, tokenOf } from '../access/world.js';
import { runContrail } from '../support/command-line.js';
import { ServerProcess } from '../support/server-process.js';
import { type OddRequest, oddRequest } from './odd-requests.js';
import { OpenApiClient } from './openapi-client.js';

export interface FuzzOutcome {
  readonly seed: number;
  readonly requests: number;
  readonly perSecond: number;
  /** Answers by status. */
  readonly statuses: Readonly<Record<string, number>>;
  /** Operations that were answered with success at least once, and those that never were. */
  readonly succeeded: number;
  readonly neverSucceeded: readonly string[];
  readonly slowestMs: number;
  readonly memoryMiB: number;
  readonly faults: readonly string[];
}

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

const atOnce = 8;
const batch = 500;
const patienceMs = 20_000;
const maxFaults = 40;
const keptIds = 8;

type IdKind = 'documents' | 'flights' | 'notifications' | 'broadcasts';

/** The newest ids of what is there, for requests to mean. */
class LiveIds {
  readonly #ids: Record<IdKind, string[]> = { documents: [], flights: [], notifications: [], broadcasts: [] };
  readonly versions: string[] = [];

  add(kind: IdKind, id: unknown): void {
    if (typeof id !== 'string' || this.#ids[kind].includes(id)) return;
    this.#ids[kind].push(id);
    if (this.#ids[kind].length > keptIds) this.#ids[kind].shift();
  }
  remove(id: string): void {
    this.#ids.documents = this.#ids.documents.filter((each) => each !== id);
  }
  all(kind: IdKind): readonly string[] {
    return this.#ids[kind];
  }
  /** The path with an id for each place that is left open; which one depends on `turn`. */
  fill(path: string, turn: number): string {
    const kind: IdKind = path.includes('/flights/')
      ? 'flights'
      : path.includes('/broadcasts/')
        ? 'broadcasts'
        : path.includes('/notifications/')
          ? 'notifications'
          : 'documents';
    const ids = this.#ids[kind];
    return path
      .replace('@id', encodeURIComponent(ids[turn % ids.length] ?? 'none'))
      .replace('@version', this.versions[turn % this.versions.length] ?? '1');
  }
}

export const fuzzRest = async (count: number, seed: number): Promise<FuzzOutcome> => {
  const server = await ServerProcess.start({
    env: { JWT_SECRET: secret, MAX_FAILURES_PER_ADDRESS: '0', DURABILITY: 'normal' },
  });
  const agent = new Agent({ keepAlive: true, maxSockets: atOnce });
  try {
    const [alice, keeper] = await Promise.all([tokenOf('alice', { roles: ['admin'] }), tokenOf('keeper')]);
    const api = await OpenApiClient.of(server.url, { authorization: `Bearer ${alice}` });
    const canary = await OpenApiClient.of(server.url, { authorization: `Bearer ${keeper}` });
    const operations = [...api.operations.values()];
    const ids = new LiveIds();
    const statuses: Record<string, number> = {};
    const succeeded = new Set<string>();
    const faults = new Set<string>();
    let [slowestMs, made] = [0, 0];

    const newDocument = async (): Promise<void> => {
      made += 1;
      const { body } = await api.call('createDocument', { body: { id: `fuzz/${made}`, content: 'Hello world' } });
      ids.add('documents', (body as { id: string }).id);
    };
    const keeperState = async (): Promise<string> => {
      const path = { id: 'canary' };
      const answers = [
        await canary.call('readDocument', { path, query: { content: 'json' } }),
        await canary.call('listHistory', {
          path,
          query: { kind: 'created,edit,undo,redo,restored,version,shared,unshared,deleted' },
        }),
        await canary.call('readPreferences', { path: { userId: 'keeper' } }),
      ];
      // Breaking locks is an admin's right, and an event.
      return JSON.stringify(answers.map(({ body }) => body)).replaceAll(/"(seq|head|updatedAt)":("[^"]*"|\d+)/g, '');
    };
    const ownState = async (): Promise<string> => {
      const shown: unknown[] = [];
      for (const id of ids.all('documents'))
        for (const query of [{ content: 'json' }, { content: 'none' }])
          shown.push((await api.call('readDocument', { path: { id }, query })).body);
      shown.push(
        (
          await api.call('listNotifications', {
            path: { userId: 'alice' },
            query: { include: 'expired,suppressed,collapsed', limit: 1000 },
          })
        ).body,
      );
      return JSON.stringify(shown);
    };

    await canary.call('createDocument', {
      body: { id: 'canary', title: 'Mine', content: 'nobody else may change this' },
    });
    await canary.call('setPreferences', { path: { userId: 'keeper' }, body: { types: { alert: { muted: true } } } });
    for (let each = 0; each < 4; each += 1) await newDocument();
    const before = await keeperState();

    const learn = ({ operation }: OddRequest, path: string, { status, text }: Answer): void => {
      if (status >= 300) return;
      const { operationId } = operation;
      succeeded.add(operationId);
      const body = (text.startsWith('{') ? JSON.parse(text) : {}) as Record<string, unknown>;
      if (operationId === 'createDocument') ids.add('documents', body['id']);
      if (operationId === 'trackFlight') ids.add('flights', body['flightId']);
      if (operationId === 'sendNotification') ids.add('notifications', body['id']);
      if (operationId === 'broadcastNotification') ids.add('broadcasts', body['broadcastId']);
      if (operationId === 'createVersion') ids.versions.splice(keptIds - 1, 1, String(body['id']));
      if (operationId === 'deleteDocument') ids.remove(decodeURIComponent(path.split('?')[0]?.split('/').at(-1) ?? ''));
    };

    const one = async (odd: OddRequest, turn: number): Promise<void> => {
      const path = ids.fill(odd.path, turn);
      const body =
        odd.body &&
        Buffer.from(odd.body.toString('latin1').replaceAll('@id', ids.all('notifications').at(-1) ?? 'none'), 'latin1');
      const shown = `${odd.operation.operationId} ${odd.method} ${path.slice(0, 160)} (${odd.spoilt.join(', ')}) ${body?.toString().slice(0, 200) ?? ''} ${JSON.stringify(odd.headers).slice(0, 200)}`;
      const started = performance.now();
      try {
        const answer = await exchange(agent, server.url, {
          ...odd,
          path,
          body,
          headers: { authorization: `Bearer ${alice}`, ...odd.headers },
        });
        slowestMs = Math.max(slowestMs, performance.now() - started);
        statuses[answer.status] = (statuses[answer.status] ?? 0) + 1;
        for (const fault of faultsOf(api, odd, answer))
          faults.add(`${fault}\n    ${shown}\n    ${answer.text.slice(0, 300)}`);
        learn(odd, path, answer);
      } catch (error) {
        faults.add(`${error instanceof Error ? error.message : error}\n    ${shown}`);
      }
    };

    const started = performance.now();
    let sent = 0;
    for (let from = 0; sent < count && faults.size < maxFaults && server.running; from += 1) {
      const odd = fc.sample(oddRequest(api.document, operations), {
        seed: seed + from,
        numRuns: Math.min(batch, count - sent),
      });
      let next = 0;
      const work = async (): Promise<void> => {
        for (let index = next; index < odd.length && faults.size < maxFaults; index = next) {
          next += 1;
          sent += 1;
          const request = odd[index];
          if (request) await one(request, sent);
          if (ids.all('documents').length < 4) await newDocument();
        }
      };
      await Promise.all(Array.from({ length: atOnce }, work));
    }
    const seconds = (performance.now() - started) / 1000;

    const memoryMiB = Math.round(server.rssBytes() / 2 ** 20);
    if (!server.running) faults.add(`the server has ended:\n${server.output.slice(-2_000)}`);
    else {
      if ((await fetch(`${server.url}/healthz/ready`)).status !== 200) faults.add('the server is not ready afterwards');
      if ((await keeperState()) !== before)
        faults.add(`somebody else’s state changed: ${await keeperState()} was ${before}`);
      if (/uncaught|unhandled|"level":"?(error|50|fatal|60)/i.test(server.output))
        faults.add(`the server complains: ${server.output.slice(-2_000)}`);
      // Locks end with a restart, which is an event.
      for (const id of ids.all('documents')) await api.call('unlockDocument', { path: { id } });
      const state = await ownState();
      await server.stop();
      const { code, output } = await runContrail(['verify', '--data', server.dataDir]);
      if (code !== 0) faults.add(`the log does not verify: ${output.slice(-1_000)}`);
      await server.restart();
      const after = await ownState();
      if (after !== state) faults.add(`a restart shows another state: ${firstDifference(state, after)}`);
    }
    return {
      ...{ seed, requests: sent, perSecond: Math.round(sent / seconds), statuses, succeeded: succeeded.size },
      neverSucceeded: operations.map(({ operationId }) => operationId).filter((name) => !succeeded.has(name)),
      ...{ slowestMs: Math.round(slowestMs), memoryMiB, faults: [...faults] },
    };
  } finally {
    agent.destroy();
    await server.dispose();
  }
};

/** One request as bytes say it: no client in between that mends paths. Streams are let go once they have begun. */
const exchange = (
  agent: Agent,
  url: string,
  { method, path, headers, body }: Pick<OddRequest, 'method' | 'path' | 'headers' | 'body'>,
): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const length = body === null && method !== 'POST' ? {} : { 'content-length': String(body?.length ?? 0) };
    let answered = false;
    const outgoing = send({ agent, hostname, port, method, path, headers: { ...headers, ...length } }, (answer) => {
      answered = true;
      const status = answer.statusCode ?? 0;
      if (answer.headers['content-type']?.startsWith('text/event-stream')) {
        resolve({ status, headers: answer.headers, text: '' });
        answer.destroy();
        return;
      }
      const chunks: Buffer[] = [];
      answer.on('data', (chunk: Buffer) => chunks.push(chunk));
      answer.once('error', reject);
      answer.once('end', () => resolve({ status, headers: answer.headers, text: Buffer.concat(chunks).toString() }));
    });
    outgoing.setTimeout(patienceMs, () => outgoing.destroy(new Error(`no answer within ${patienceMs} ms`)));
    outgoing.once('error', (error) => {
      // A server may close an idle connection at any time, and one whose request it did not read to the end.
      if (outgoing.reusedSocket && !answered) resolve(exchange(agent, url, { method, path, headers, body }));
      else reject(error);
    });
    outgoing.end(body ?? undefined);
  });

const faultsOf = (api: OpenApiClient, { operation, method, spoilt }: OddRequest, answer: Answer): readonly string[] => {
  const { status, headers, text } = answer;
  const type = headers['content-type']?.split(';')[0] ?? '';
  // A document that is being deleted answers so until it is; to HEAD without saying why.
  if (status >= 500 && !(status === 503 && (method === 'HEAD' || text.includes('is being deleted'))))
    return [`${status}`];
  const isRoutes =
    method === operation.method && !spoilt.some((what) => what.startsWith('path') || what.startsWith('method'));
  if (status >= 400 && method !== 'HEAD') {
    if (type !== 'application/problem+json') return [`${status} is ${type || 'nothing'} and no problem`];
    const problem = JSON.parse(text) as { readonly code: string; readonly status: number };
    const row = Object.entries(errorTable).find(([code]) => code === problem.code)?.[1];
    if (row?.status !== status || problem.status !== status) return [`${status} comes with the code ${problem.code}`];
  }
  if (!isRoutes || text === '' || headers['content-encoding']) {
    return isRoutes && !(status in operation.responses)
      ? [`${operation.operationId} does not say that it answers ${status}`]
      : [];
  }
  const body = type.includes('json') ? JSON.parse(text) : text;
  const web = new Headers(Object.entries(headers).map(([name, value]): [string, string] => [name, String(value)]));
  return api.faultsOf(operation, { status, headers: web, body }).map((fault) => `${status}: ${fault}`);
};

const firstDifference = (a: string, b: string): string => {
  let at = 0;
  while (a[at] === b[at]) at += 1;
  return `${a.slice(Math.max(0, at - 200), at + 100)}\n    or ${b.slice(Math.max(0, at - 200), at + 100)}`;
};
