// REST as this page uses it: JSON in and out, problem documents as errors. Paths are relative to /api/realtime.

import { person } from './identity.js';

export class RestError extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, detail: string) {
    super(detail);
    this.name = 'RestError';
    this.status = status;
    this.code = code;
  }

  /** The server is older than this page: it has no such route. */
  get missing(): boolean {
    return this.status === 404 && this.message === 'There is no such route.';
  }
}

export type Query = Readonly<Record<string, string | number | undefined>>;
export interface Call {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly query?: Query;
  readonly body?: object;
  readonly signal?: AbortSignal;
}

const asked = async (path: string, { method = 'GET', query = {}, body, signal }: Call): Promise<Response> => {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) parameters.set(name, String(value));
  const who = person.peek();
  const headers: Record<string, string> = {};
  if (who?.token) headers['authorization'] = `Bearer ${who.token}`;
  else if (who) headers['x-user-id'] = who.id;
  if (body) headers['content-type'] = 'application/json';
  let response: Response;
  try {
    response = await fetch(`/api/realtime${path}${parameters.size > 0 ? `?${parameters}` : ''}`, {
      method,
      headers,
      body: body ? JSON.stringify(body) : null,
      signal: signal ?? null,
    });
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw new RestError(0, 'unreachable', 'The server cannot be reached.');
  }
  if (response.ok) return response;
  throw await errorOf(response);
};

const errorOf = async (response: Response): Promise<RestError> => {
  const problem: unknown = await response.json().catch(() => null);
  if (typeof problem !== 'object' || problem === null)
    return new RestError(response.status, 'http', response.statusText);
  const { code, detail, errors } = problem as { code?: unknown; detail?: unknown; errors?: unknown };
  const faults = Array.isArray(errors)
    ? errors.map((fault: { at: string; detail: string }) => `${fault.at} ${fault.detail}`)
    : [];
  const text = faults.length > 0 ? faults.join('; ') : String(detail ?? response.statusText);
  return new RestError(response.status, String(code ?? 'http'), text);
};

export const callJson = async <T>(path: string, call: Call = {}): Promise<T> => {
  const response = await asked(path, call);
  return (response.status === 204 ? null : await response.json()) as T;
};

export const callText = async (path: string, call: Call = {}): Promise<string> => (await asked(path, call)).text();

export const callBytes = async (path: string, call: Call = {}): Promise<Uint8Array> =>
  new Uint8Array(await (await asked(path, call)).arrayBuffer());

export const describeError = (error: unknown): string => {
  if (error instanceof RestError) return error.missing ? 'This server does not offer that yet.' : error.message;
  // Errors of control requests begin with their code, which is for programs.
  return error instanceof Error ? error.message.replace(/^[a-z]+(-[a-z]+)*: /, '') : String(error);
};
