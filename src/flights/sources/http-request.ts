// One HTTP request to a vendor: time-out, bounded body, JSON, and failures as SourceError. It knows no vendor. Neither headers nor bodies
// are kept in errors, so no key can reach a log.

import type { Clock } from '../../model/time.js';
import { SourceError } from './source.js';

export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

export interface Requester {
  readonly fetch: Fetch;
  readonly clock: Clock;
  readonly timeoutMs: number;
}

export const defaultTimeoutMs = 10_000;
const maxBodyBytes = 2 * 1024 * 1024;

/** `Retry-After` in seconds or as an HTTP date (RFC 9110, 10.2.3). */
export const retryAfterMs = (header: string | null, now: number): number | null => {
  if (header === null) return null;
  const text = header.trim();
  const ms = /^\d{1,9}$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now;
  return Number.isFinite(ms) ? Math.max(0, ms) : null;
};

const readBody = async (response: Response): Promise<string> => {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += (chunk as Uint8Array).length;
    if (bytes > maxBodyBytes) throw new SourceError('unavailable', 'the answer is too large');
    chunks.push(chunk as Uint8Array);
  }
  return Buffer.concat(chunks).toString('utf8');
};

export interface Answer {
  readonly status: number;
  /** `undefined` when the body was not JSON. */
  readonly body: unknown;
}

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** Answers with what came for 2xx and 4xx other than 401, 403 and 429; rejects with SourceError for everything else. */
export const requestJson = async (
  { fetch, clock, timeoutMs }: Requester,
  url: string,
  init: RequestInit,
): Promise<Answer> => {
  const abort = new AbortController();
  const cancel = clock.after(timeoutMs, () => abort.abort());
  try {
    const response = await fetch(url, { ...init, signal: abort.signal, redirect: 'error' });
    // The second name is OpenSky's.
    const wanted = response.headers.get('retry-after') ?? response.headers.get('x-rate-limit-retry-after-seconds');
    const wait = { retryAfterMs: retryAfterMs(wanted, clock.now()) };
    const { status } = response;
    if (status === 429 || status === 401 || status === 403 || status >= 500) {
      await response.body?.cancel();
      if (status === 429) throw new SourceError('rate-limited', 'too many requests (429)', wait);
      const fault = status >= 500 ? 'unavailable' : 'refused';
      throw new SourceError(fault, `the source answered ${status}`, wait);
    }
    const body = parse(await readBody(response));
    if (status < 400 && body === undefined) throw new SourceError('unavailable', 'the answer is not JSON');
    return { status, body };
  } catch (error) {
    if (error instanceof SourceError) throw error;
    const message = abort.signal.aborted ? `no answer within ${timeoutMs} ms` : 'the request failed';
    throw new SourceError('unavailable', message, { cause: error });
  } finally {
    cancel();
  }
};
