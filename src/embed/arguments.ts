// What embedding code hands in, checked as REST checks its requests. Its errors are the same: a ContrailError whose code is in `errorTable`.

import { z } from '@hono/zod-openapi';
import { checked } from '../http/checked.js';
import { documentIdSchema, userIdSchema } from '../http/schemas.js';
import { ContrailError } from '../model/errors.js';
import { type DocumentId, systemActor, type UserId } from '../model/ids.js';

/** In whose name something is done. Embedding code is trusted: whether that person may do it is for the caller to know. */
export interface By {
  /** User id of whoever history shall name; `system` unless given. */
  readonly actor?: string;
}

/** Throws `bad-request`. */
export const documentIdOf = (id: string): DocumentId => checked(documentIdSchema, id);

/** Throws `bad-request`. */
export const userIdOf = (id: string): UserId => checked(userIdSchema, id);

const bySchema = z.strictObject({ actor: userIdSchema.optional() });

/** Throws `bad-request`. */
export const actorOf = (by: By = {}): UserId => checked(bySchema, by).actor ?? systemActor;

/** For what the server itself has no share in. Throws `bad-request`. */
export const personOf = (by: By = {}): UserId => {
  const actor = actorOf(by);
  if (actor !== systemActor) return actor;
  throw new ContrailError('bad-request', '/actor: say who does it', {
    faults: [{ at: '/actor', detail: 'is required' }],
  });
};
