// The answer of a request that was carried out when the server stopped, made again from what it did (idempotency.ts).

import type { Context } from 'hono';
import { ContrailError } from '../model/errors.js';
import { parseStreamName, type UserId } from '../model/ids.js';
import type { Notifications } from '../notify/notifications.js';
import { type App, type AppEnvironment, apiBase } from './app.js';
import type { Deed } from './request-record.js';

export interface RecoveryParts {
  readonly app: App;
  readonly notifications: Notifications;
}

export const recoverAnswer = async (
  { app, notifications }: RecoveryParts,
  { stream, kind, id }: Deed,
  context: Context<AppEnvironment>,
): Promise<Response> => {
  const name = parseStreamName(stream)?.name ?? '';
  switch (kind) {
    case 'notified':
      return found(context, notifications.find(name as UserId, id ?? ''), 201);
    case 'broadcast': {
      const status = notifications.broadcastStatus(name);
      return found(context, status && { broadcastId: name, audience: status.audience, total: status.total }, 202);
    }
    case 'created':
      return created(app, `/documents/${encodeURIComponent(name)}`, context);
    case 'tracked':
      return created(app, `/flights/${encodeURIComponent(name)}`, context);
    default:
      throw new ContrailError('internal', `Nothing is known of requests that end in "${kind}".`);
  }
};

const found = (context: Context, body: object | null, status: 201 | 202): Response => {
  if (!body) throw new ContrailError('outcome-unknown', 'What this request made is gone.');
  return context.json(body, status);
};

/** Headers that are about the POST, or about how its answer travels. */
const ofTheFirst = ['accept', 'accept-encoding', 'content-length', 'content-type', 'if-none-match', 'idempotency-key'];

/** What a GET says of it now. */
const created = async (app: App, path: string, context: Context<AppEnvironment>): Promise<Response> => {
  const headers = new Headers(context.req.raw.headers);
  for (const name of ofTheFirst) headers.delete(name);
  const request = new Request(new URL(apiBase + path, context.req.url), { headers });
  const answer = await app.fetch(request, context.env);
  if (answer.status !== 200) return answer;
  return new Response(answer.body, {
    status: 201,
    headers: { ...Object.fromEntries(answer.headers), location: apiBase + path },
  });
};
