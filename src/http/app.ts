// The REST application: what every request goes through before and after its route.

import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { OpenAPIHono } from '@hono/zod-openapi';
import { bodyLimit } from 'hono/body-limit';
import { cors } from 'hono/cors';
import { HTTPException } from 'hono/http-exception';
import type { Actor } from '../model/actor.js';
import { asContrailError, ContrailError } from '../model/errors.js';
import { badRequest } from './checked.js';
import { problemResponse } from './problem.js';

export interface AppEnvironment {
  Variables: { actor: Actor };
  /** What the Node server hands over; absent when the application is called without one. */
  Bindings: { incoming?: IncomingMessage };
}
export type App = OpenAPIHono<AppEnvironment>;

export interface AppOptions {
  /** Who a request comes from. Throws `unauthenticated` or `malformed`. */
  readonly authenticate: (request: Request, socket: Socket | undefined) => Promise<Actor> | Actor;
  /** Whether a page of this origin may read answers. */
  readonly isAllowedOrigin: (origin: string, host: string | undefined) => boolean;
  readonly onError: (error: ContrailError, path: string) => void;
  /** The path of the server that this one lives under, without its last slash; requests come without it, answers name it. */
  readonly base?: string;
}

export const apiBase = '/api/realtime';
const maxBodyBytes = 16 * 1024 * 1024;

/** An OpenAPIHono whose validation failures become one 400 that lists every fault. */
export const createRouter = (): App =>
  new OpenAPIHono<AppEnvironment>({
    defaultHook: (result) => {
      if (!result.success) throw badRequest(result.error, (path) => pointer(result.target, path));
    },
  });

export const createApp = (options: AppOptions): App => {
  const app = createRouter();
  const { base = '' } = options;
  const fail = (thrown: unknown, path: string): Response => {
    const error = thrown instanceof HTTPException ? fromHttpException(thrown) : asContrailError(thrown);
    options.onError(error, path);
    return problemResponse(error, base + path);
  };
  // Hono's onError sees thrown Errors only; anything else that is thrown must not end the process.
  app.use(async (context, next) => {
    try {
      await next();
    } catch (thrown) {
      context.res = fail(thrown, context.req.path);
    }
    if (base !== '') nameBase(context.res.headers, base);
    return undefined;
  });
  app.onError((error, context) => fail(error, context.req.path));
  app.notFound((context) => fail(new ContrailError('not-found', 'There is no such route.'), context.req.path));
  app.use(
    cors({
      origin: (origin, context) => (options.isAllowedOrigin(origin, context.req.header('host')) ? origin : null),
      exposeHeaders: ['ETag', 'Link', 'Location', 'X-Contrail-Seq'],
    }),
  );
  app.use(
    bodyLimit({
      maxSize: maxBodyBytes,
      onError: () => {
        throw new ContrailError('too-large', `The body is larger than ${maxBodyBytes} bytes.`);
      },
    }),
  );
  app.use(`${apiBase}/*`, async (context, next) => {
    context.set('actor', await options.authenticate(context.req.raw, context.env?.incoming?.socket));
    await next();
  });
  return app;
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
  if (exception.status === 404) return new ContrailError('not-found', exception.message, { cause: exception });
  if (exception.status < 500)
    return new ContrailError('bad-request', exception.message || 'The request cannot be read.', { cause: exception });
  return asContrailError(exception);
};

const pointer = (target: string, path: readonly PropertyKey[]): string => {
  const joined = path.map(String).join('/');
  return target === 'query'
    ? `?${joined}`
    : target === 'param'
      ? `:${joined}`
      : target === 'header'
        ? `header ${joined}`
        : `/${joined}`;
};
