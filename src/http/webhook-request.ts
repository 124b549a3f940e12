// One attempt at a delivery: a signed POST (Standard Webhooks 1.0: https://github.com/standard-webhooks/standard-webhooks). Neither the secret nor
// the path or query of the URL, which often are secrets too, get into anything that is logged.

import { createHmac } from 'node:crypto';
import { retryAfterMs } from '../flights/sources/http-request.js';
import type { Clock } from '../model/time.js';

export interface WebhookTarget {
  readonly url: string;
  /** Each signs: two while a receiver changes over. */
  readonly secrets: readonly Uint8Array[];
  readonly timeoutMs: number;
  readonly clock: Clock;
  readonly fetch: typeof fetch;
}

export interface Message {
  readonly id: string;
  readonly body: string;
}

export type Attempt =
  | { readonly ok: true }
  /** `why` is a status or a word, fit for a log line. */
  | { readonly ok: false; readonly why: string; readonly retryAfterMs: number | null };

const maxDrainedBytes = 64 * 1024;

/** The bytes of `whsec_…`. */
export const secretBytes = (secret: string): Uint8Array => Buffer.from(secret.replace(/^whsec_/, ''), 'base64');

export const signaturesOf = (secrets: readonly Uint8Array[], seconds: number, { id, body }: Message): string =>
  secrets
    .map((secret) => `v1,${createHmac('sha256', secret).update(`${id}.${seconds}.${body}`).digest('base64')}`)
    .join(' ');

export const attempt = async (target: WebhookTarget, message: Message, stop: AbortSignal): Promise<Attempt> => {
  const { url, secrets, timeoutMs, clock } = target;
  const abort = new AbortController();
  let isLate = false;
  const cancel = clock.after(timeoutMs, () => {
    isLate = true;
    abort.abort();
  });
  const onStop = (): void => abort.abort();
  stop.addEventListener('abort', onStop);
  if (stop.aborted) onStop();
  const seconds = Math.floor(clock.now() / 1000);
  try {
    const response = await target.fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'user-agent': 'contrail-webhook',
        'webhook-id': message.id,
        'webhook-timestamp': String(seconds),
        'webhook-signature': signaturesOf(secrets, seconds, message),
      },
      body: message.body,
      redirect: 'manual',
      signal: abort.signal,
    });
    await drain(response);
    if (response.ok) return { ok: true };
    const wanted = retryAfterMs(response.headers.get('retry-after'), clock.now());
    return { ok: false, why: String(response.status), retryAfterMs: wanted };
  } catch (error) {
    return { ok: false, why: isLate ? 'timeout' : causeOf(error), retryAfterMs: null };
  } finally {
    cancel();
    stop.removeEventListener('abort', onStop);
  }
};

/** A body that was read leaves its connection free for the next delivery; a long one is not worth that. */
const drain = async (response: Response): Promise<void> => {
  try {
    let bytes = 0;
    for await (const chunk of response.body ?? []) {
      bytes += (chunk as Uint8Array).length;
      if (bytes > maxDrainedBytes) break;
    }
  } catch {
    // The status has come, and that is the answer.
  }
};

/** The code of what lies at the bottom (`ECONNREFUSED`): messages may hold addresses. */
const causeOf = (error: unknown): string => {
  const cause = error instanceof Error ? error.cause : undefined;
  const code = typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : undefined;
  return typeof code === 'string' ? code : 'failed';
};
