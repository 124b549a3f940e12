// Says how long an answer in JSON is. Hono makes such answers without saying it, and then Hono's compression takes the shortest one for long.

import type { MiddlewareHandler } from 'hono';

/** To be put behind the compression, whose threshold it makes hold. Streams pass untouched. */
export const statedLength: MiddlewareHandler = async (context, next) => {
  await next();
  const answer = context.res;
  const { headers } = answer;
  if (answer.body === null || headers.has('content-length') || !headers.get('content-type')?.includes('json')) return;
  const body = await answer.arrayBuffer();
  headers.set('content-length', String(body.byteLength));
  context.res = undefined;
  context.res = new Response(body, { status: answer.status, headers });
};
