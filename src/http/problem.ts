// Errors as problem documents (RFC 9457): one shape for everything that goes wrong over REST.

import { type ContrailError, type ErrorCode, errorTable, type Fault } from '../model/errors.js';

export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: ErrorCode;
  readonly detail: string;
  readonly instance: string;
  readonly errors?: readonly Fault[];
}

export const problemType = 'application/problem+json';

/** `instance` is the path of the request, without its query. */
export const problemOf = (error: ContrailError, instance: string): Problem => {
  const { status, title } = errorTable[error.code];
  return {
    type: `urn:contrail:problem:${error.code}`,
    title,
    status,
    code: error.code,
    detail: error.detail,
    instance,
    ...(error.faults.length > 0 ? { errors: error.faults } : {}),
    ...error.extra,
  };
};

export const problemResponse = (error: ContrailError, instance: string): Response => {
  const { status, retryable } = errorTable[error.code];
  const headers: Record<string, string> = { 'content-type': problemType };
  if (retryable && (status === 503 || status === 429)) headers['retry-after'] = '1';
  if (status === 401) headers['www-authenticate'] = 'Bearer';
  const text = JSON.stringify(problemOf(error, instance));
  headers['content-length'] = String(Buffer.byteLength(text));
  return new Response(text, { status, headers });
};
