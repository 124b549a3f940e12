// Control messages (type 64): JSON objects beside the Yjs protocol.

import { ContrailError } from '../model/errors.js';
import type { JsonObject } from '../model/json.js';

/** Throws `malformed` for anything but a JSON object. */
export const parseControlRequest = (text: string): JsonObject => {
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
