// Control messages (type 64): one JSON request in, one JSON reply out. What can be asked is decided by the handlers (http/control.ts).

import { asContrailError, ContrailError } from '../model/errors.js';
import type { JsonObject } from '../model/json.js';
import type { Session } from './session.js';

/** Answers a control request; `null` for a `do` it does not know. */
export type ControlHandler = (session: Session, request: JsonObject) => Promise<JsonObject | null>;

/** Throws `malformed`. */
export const parseRequest = (text: string): JsonObject => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new ContrailError('malformed', 'the control message is not JSON', { cause });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new ContrailError('malformed', 'the control message is not an object');
  return value as JsonObject;
};

/** The reply to a request, as JSON. Never rejects: what goes wrong is its `error`. */
export const controlReply = async (session: Session, handle: ControlHandler, request: JsonObject): Promise<string> => {
  const id = request['id'] ?? null;
  try {
    const ok = await handle(session, request);
    if (!ok) throw new ContrailError('bad-request', `There is no request "${String(request['do']).slice(0, 64)}".`);
    return JSON.stringify({ id, ok });
  } catch (thrown) {
    const { code, detail } = asContrailError(thrown);
    return JSON.stringify({ id, error: { code, detail } });
  }
};
