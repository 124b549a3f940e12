// The REST application: what every request goes through before and after its route.

import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { OpenAPIHono } from '@hono/zod-openapi';
import type { Context, Handler, MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { compress } from 'hono/compress';
import { cors } from 'hono/cors';
import { HTTPException } from 'hono/http-exception';
import { requestId } from 'hono/request-id';
import type { Actor } from '../model/actor.js';
import { asContrailError, ContrailError } from '../model/errors.js';
import { methodsOf } from './allowed-methods.js';
import { minCompressedBytes } from './content-encoding.js';
import { entityTags } from './etag.js';
import { statedLength } from './json-answer.js';
import { problemResponse } from './problem.js';
import { checkRequest } from './request-check.js';
import { completeRoute } from './route-completion.js';

export interface AppEnvironment {
  Variables: { actor: Actor; requestId: string };
  /** What the Node server hands over; absent when the application is called without one. */
  Bindings: { incoming?: IncomingMessage };
}
export type App = OpenAPIHono<AppEnvironment>;

export interface AppOptions {
  /** Who a request comes from. Throws `unauthenticated` or `malformed`. */
  readonly authenticate: (request: Request, socket: Socket | undefined) => Promise<Actor> | Actor;
  /** Whether a page of this origin may read answers. */
  readonly isAllowedOrigin: (origin: string, host: string | undefined) => boolean;
  readonly onError: (error: ContrailError, request: { readonly path: string; readonly requestId: string }) => void;
  /** The path of the server that this one lives under, without its last slash; requests come without it, answers name it. */
  readonly base?: string;
}

export const apiBase = '/api/realtime';
const maxBodyBytes = 16 * 1024 * 1024;

/** An OpenAPIHono whose routes are completed (route-completion.ts) and check all of a request at once (request-check.ts). */
export const createRouter = (): App => {
  const router = new OpenAPIHono<AppEnvironment>();
  const openapi = (declared: Parameters<App['openapi']>[0], handler: Handler<AppEnvironment>): App => {
    const { route, request } = completeRoute(declared);
    router.openAPIRegistry.registerPath(route);
    router.on(
      route.method.toUpperCase(),
      [route.path.replaceAll(/\/{(.+?)}/g, '/:$1')],
      checkRequest(request),
      handler,
    );
    return router;
  };
  router.openapi = openapi as App['openapi'];
  return router;
};

export const createApp = (options: AppOptions): App => {
  const app = createRouter();
  const { base = '' } = options;
  const allowed = methodsOf(app);
  const fail = (thrown: unknown, context: Context<AppEnvironment>): Response => {
    const error = thrown instanceof HTTPException ? fromHttpException(thrown) : asContrailError(thrown);
    const { path } = context.req;
    options.onError(error, { path, requestId: context.get('requestId') });
    return problemResponse(error, base + path);
  };
  app.use(requestId());
  // Hono's onError sees thrown Errors only; anything else that is thrown must not end the process.
  app.use(async (context, next) => {
    try {
      await next();
    } catch (thrown) {
      context.res = fail(thrown, context);
    }
    context.res.headers.set('x-request-id', context.get('requestId'));
    if (base !== '') nameBase(context.res.headers, base);
    return undefined;
  });
  app.onError(fail);
  app.notFound((context) => {
    const methods = allowed(context.req.path);
    if (methods.length === 0) return fail(new ContrailError('not-found', 'There is no such route.'), context);
    const answer = fail(
      new ContrailError('method-not-allowed', `This path has the methods ${methods.join(', ')}.`),
      context,
    );
    answer.headers.set('allow', methods.join(', '));
    return answer;
  });
  app.use(compress({ threshold: minCompressedBytes }));
  app.use(statedLength);
  app.use(sharedWithPages(options.isAllowedOrigin));
  app.use(limitedBody);
  app.use(`${apiBase}/*`, async (context, next) => {
    context.set('actor', await options.authenticate(context.req.raw, context.env?.incoming?.socket));
    await next();
  });
  app.use(`${apiBase}/*`, entityTags);
  return app;
};

/** CORS for pages. Programs send no Origin; to them only caches are told that it matters, because the rest costs a whole Web response. */
const sharedWithPages = (isAllowed: AppOptions['isAllowedOrigin']): MiddlewareHandler<AppEnvironment> => {
  const shared = cors({
    origin: (origin, context) => (isAllowed(origin, context.req.header('host')) ? origin : null),
    exposeHeaders: ['ETag', 'Link', 'Location', 'Allow', 'Idempotency-Replayed', 'X-Contrail-Seq', 'X-Request-Id'],
  });
  return async (context, next) => {
    if (context.req.method === 'OPTIONS' || context.req.header('origin') !== undefined) return shared(context, next);
    await next();
    context.res.headers.append('vary', 'Origin');
    return undefined;
  };
};

const tooLarge = (): never => {
  throw new ContrailError('too-large', `The body is larger than ${maxBodyBytes} bytes.`);
};

const measuredBody = bodyLimit({ maxSize: maxBodyBytes, onError: tooLarge });

/** Where Node's parser holds a body to the length that it states, that is looked at alone: Hono's way builds a whole Web request first. */
const limitedBody: MiddlewareHandler<AppEnvironment> = (context, next) => {
  const headers = context.env?.incoming?.headers;
  if (!headers || headers['transfer-encoding'] !== undefined) return measuredBody(context, next);
  return Number(headers['content-length'] ?? 0) > maxBodyBytes ? tooLarge() : next();
};

/** Paths that an answer points to are the client's, not ours. */
const nameBase = (headers: Headers, base: string): void => {
  const location = headers.get('location');
  if (location?.startsWith('/')) headers.set('location', base + location);
  const link = headers.get('link');
  if (link) headers.set('link', link.replaceAll('</', `<${base}/`));
};

const fromHttpException = (exception: HTTPException): ContrailError => {
  if (exception.status === 413) return new ContrailError('too-large', exception.message, { cause: exception });
  if (exception.status === 415)
    return new ContrailError('unsupported-media-type', exception.message, { cause: exception });
  if (exception.status === 404) return new ContrailError('not-found', exception.message, { cause: exception });
  if (exception.status < 500)
    return new ContrailError('bad-request', exception.message || 'The request cannot be read.', { cause: exception });
  return asContrailError(exception);
};
