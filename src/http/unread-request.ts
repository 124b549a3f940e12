// What is answered to requests that never become one: bytes that are no HTTP, addresses and hosts that are none. Problem documents like any other.

import type { Socket } from 'node:net';
import { ContrailError } from '../model/errors.js';
import { problemOf, problemResponse, problemType } from './problem.js';

/** For the listener of requests: what could not be read is the caller's fault, anything else ours. */
export const unreadable = (thrown: unknown): Response =>
  problemResponse(
    thrown instanceof Error && thrown.name === 'RequestError' // of @hono/node-server
      ? new ContrailError('malformed', `The request cannot be read: ${thrown.message}.`, { cause: thrown })
      : new ContrailError('internal', 'Something went wrong on the server.', { cause: thrown }),
    '/',
  );

/** Node's codes: https://nodejs.org/docs/latest-v20.x/api/http.html#event-clienterror */
const refusalOf = (code: string | undefined): ContrailError => {
  if (code === 'HPE_HEADER_OVERFLOW')
    return new ContrailError('headers-too-large', 'The request line and the headers are longer than is allowed.');
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return new ContrailError('too-slow', 'The request did not come to its end.');
  return new ContrailError('malformed', 'This is no request of HTTP/1.1.');
};

/** Answers on a socket whose bytes are no HTTP, as long as nothing else has been said on it, and closes it. */
export const refuseBytes = (error: Error, socket: Socket): void => {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const problem = problemOf(refusalOf(code), '/');
  const body = JSON.stringify(problem);
  const head = [
    `HTTP/1.1 ${problem.status} ${problem.title}`,
    `content-type: ${problemType}`,
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`, () => socket.destroySoon());
};
