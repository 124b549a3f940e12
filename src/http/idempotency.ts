// Idempotency-Key: a POST that is sent again does nothing again. One middleware for every POST; the handlers know nothing of it.
//
// ### Exactly once
// A key is claimed by an event before its request is carried out; `expect` on the key's own stream lets one claim win. What the request then
// logs first (a notification, a broadcast, a document, a flight) carries a `performed` event along in its own transaction (`commit`, `log`
// below: the request in whose course something is logged is known from the asynchronous context). The answer is kept by a third event.
// So after a crash the log says which it was: not carried out, then the request runs; or carried out, then its answer is made again
// from the deed. Where the work cannot carry the event along (edits, undo, restore: they join a room's commit), an interrupted
// request is not repeated but answered `outcome-unknown`.

import { AsyncLocalStorage } from 'node:async_hooks';
import { createHash } from 'node:crypto';
import type { Context, MiddlewareHandler } from 'hono';
import { ContrailError } from '../model/errors.js';
import type { AppendUnit, EventLog } from '../model/event-log.js';
import type { EventKind, NewEvent } from '../model/events.js';
import type { StreamName } from '../model/ids.js';
import type { Clock } from '../model/time.js';
import type { CommitChange } from '../model/views.js';
import type { AppEnvironment } from './app.js';
import {
  type Deed,
  type RequestRecord,
  readRequest,
  requestEvent,
  requestStream,
  type StoredAnswer,
} from './request-record.js';

export interface IdempotencyOptions {
  readonly log: EventLog;
  readonly clock: Clock;
  /** Makes the answer again for work that was done when the server stopped. */
  readonly recover: (deed: Deed, context: Context<AppEnvironment>) => Promise<Response> | Response;
}

/** A request under way. */
interface Running {
  readonly stream: StreamName;
  readonly fingerprint: string;
  head: number;
  performed: boolean;
}

const keyPattern = /^[\x21-\x7e]{1,255}$/;
const maxKeptBytes = 1024 * 1024;
const keptHeaders = ['content-type', 'location', 'link', 'etag'] as const;
/** Events by which work that was carried out is known. */
const deeds: ReadonlySet<EventKind> = new Set<EventKind>(['notified', 'broadcast', 'created', 'tracked']);
/** What may run again when the log shows no deed: it would have carried `performed` along, or it changes nothing the second time. */
const repeatable =
  /\/(documents\/create|flights\/track|notifications\/(send|broadcast)|stop|read|seen|archive|read-all|share|status)$/;

export class IdempotentRequests {
  readonly #options: IdempotencyOptions;
  readonly #current = new AsyncLocalStorage<Running>();
  readonly #running = new Map<StreamName, Running>();

  constructor(options: IdempotencyOptions) {
    this.#options = options;
  }

  /** Goes over every route, behind authentication. */
  readonly middleware: MiddlewareHandler<AppEnvironment> = async (context, next) => {
    const key = context.req.method === 'POST' ? context.req.header('idempotency-key') : undefined;
    if (key === undefined) return next();
    if (!keyPattern.test(key)) {
      const faults = [{ at: 'header idempotency-key', detail: 'must be 1 to 255 visible ASCII characters' }];
      throw new ContrailError('bad-request', 'The Idempotency-Key cannot be used.', { faults });
    }
    const stream = requestStream(context.get('actor').userId, key);
    const fingerprint = await fingerprintOf(context);
    const other = this.#running.get(stream);
    if (other) throw other.fingerprint === fingerprint ? inProgress() : reused();
    const running: Running = { stream, fingerprint, head: 0, performed: false };
    this.#running.set(stream, running);
    try {
      const answer = await this.#enter(running, context);
      if (answer) return answer;
      await this.#current.run(running, next);
      await this.#leave(running, context.res);
    } finally {
      running.performed = true; // what goes on in its course after the answer is not its deed
      this.#running.delete(stream);
    }
    return undefined;
  };

  /** `commit` as domains get it: the change by which a request is carried out brings its `performed` along. */
  commit(commit: CommitChange): CommitChange {
    return (change) =>
      this.#join(change.events, (events, expect) =>
        commit({ ...change, events, expect: [...(change.expect ?? []), ...expect] }),
      );
  }

  /** The same for those who append to the log themselves. */
  log(log: EventLog): EventLog {
    const append: EventLog['append'] = ([first, ...rest]) =>
      first === undefined
        ? log.append([])
        : this.#join(
            first.events,
            (events, expect) => {
              const unit: AppendUnit = { ...first, events, expect: [...(first.expect ?? []), ...expect] };
              return log.append([unit, ...rest]);
            },
            ([outcome]) => outcome?.ok === true,
          );
    return new Proxy(log, {
      get(target, name) {
        if (name === 'append') return append;
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
  }

  async #join<Result>(
    events: readonly NewEvent[],
    commit: (events: readonly NewEvent[], expect: { stream: StreamName; head: number }[]) => Promise<Result>,
    isLogged: (result: Result) => boolean = () => true,
  ): Promise<Result> {
    const running = this.#current.getStore();
    // What an inbox settles on the way is not what was asked for.
    const deed = events.find(({ kind }) => kind !== 'expired');
    if (!running || running.performed || !deed || !deeds.has(deed.kind)) return commit(events, []);
    const { stream, kind, meta } = deed;
    const id = typeof meta?.['id'] === 'string' ? meta['id'] : null;
    const performed = requestEvent(running.stream, this.#options.clock.now(), {
      kind: 'performed',
      meta: { stream, kind, id },
    });
    running.performed = true;
    try {
      const result = await commit([...events, performed], [{ stream: running.stream, head: running.head }]);
      if (isLogged(result)) running.head += 1;
      else running.performed = false;
      return result;
    } catch (error) {
      running.performed = false;
      throw error;
    }
  }

  /** Claims the key; the answer where there is one already. */
  async #enter(running: Running, context: Context<AppEnvironment>): Promise<Response | null> {
    const { log, clock, recover } = this.#options;
    const record = await readRequest(log, running.stream, clock.now());
    running.head = record.head;
    if (record.state !== 'free' && record.fingerprint !== running.fingerprint) throw reused();
    switch (record.state) {
      case 'answered':
        return replayed(record.answer);
      case 'performed': {
        const answer = await stored(await recover(record.deed, context));
        await this.#keep(running, answer);
        return replayed(answer);
      }
      case 'claimed':
        if (!repeatable.test(context.req.path)) throw unknown();
        return null;
      case 'free':
        return this.#claim(running, record);
    }
  }

  async #claim(running: Running, { head }: RequestRecord): Promise<null> {
    const { log, clock } = this.#options;
    const { stream, fingerprint } = running;
    const event = requestEvent(stream, clock.now(), { kind: 'claimed', meta: { fingerprint } });
    const [outcome] = await log.append([{ events: [event], expect: [{ stream, head }] }]);
    if (!outcome?.ok) throw inProgress(); // on another node
    running.head += 1;
    return null;
  }

  /** Keeps the answer of what was done; what was refused frees the key. */
  async #leave(running: Running, answer: Response): Promise<void> {
    if (answer.status < 400) return this.#keep(running, await stored(answer));
    // Something broke on the way and nobody knows how far it came: the next attempt finds out, or is told so. A 503 means nothing was done.
    if (running.performed || (answer.status >= 500 && answer.status !== 503)) return;
    await this.#record(running, { kind: 'released' });
  }

  #keep(running: Running, { status, headers, body }: StoredAnswer): Promise<void> {
    return this.#record(running, { kind: 'answered', meta: { status, headers }, payload: body });
  }

  /** The work is done and durable: that its answer could not be kept must not take the answer away. */
  async #record(running: Running, fact: Parameters<typeof requestEvent>[2]): Promise<void> {
    const { log, clock } = this.#options;
    const { stream, head } = running;
    try {
      await log.append([{ events: [requestEvent(stream, clock.now(), fact)], expect: [{ stream, head }] }]);
    } catch (error) {
      if (!(error instanceof ContrailError) || error.code !== 'log-unavailable') throw error;
    }
  }
}

const inProgress = (): ContrailError =>
  new ContrailError('request-in-progress', 'A request with this Idempotency-Key is still running.');
const reused = (): ContrailError =>
  new ContrailError('key-reused', 'This Idempotency-Key was used with another request.');
const unknown = (): ContrailError =>
  new ContrailError(
    'outcome-unknown',
    'An earlier request with this Idempotency-Key was interrupted; look at the history for whether it was carried out, and use another key.',
  );

const fingerprintOf = async (context: Context<AppEnvironment>): Promise<string> => {
  const { pathname, search } = new URL(context.req.url);
  const body = new Uint8Array(await context.req.arrayBuffer());
  return createHash('sha256').update(`${pathname}${search}\n`).update(body).digest('base64url');
};

const stored = async (answer: Response): Promise<StoredAnswer> => {
  const body = new Uint8Array(await answer.clone().arrayBuffer());
  const headers: Record<string, string> = {};
  for (const name of keptHeaders) {
    const value = answer.headers.get(name);
    if (value !== null) headers[name] = value;
  }
  return { status: answer.status, headers, body: body.length > maxKeptBytes ? null : body };
};

const replayed = ({ status, headers, body }: StoredAnswer): Response => {
  if (body === null) throw unknown();
  return new Response(Uint8Array.from(body), {
    status,
    headers: { ...headers, 'content-length': String(body.byteLength), 'idempotency-replayed': 'true' },
  });
};
