// What embedding code hands in, checked as REST checks its requests. Its errors are the same: a ContrailError whose code is in `errorTable`.

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

/** Throws `bad-request`. */
export const actorOf = ({ actor }: By = {}): UserId => (actor === undefined ? systemActor : userIdOf(actor));

/** For what the server itself has no share in. Throws `bad-request`. */
export const personOf = ({ actor }: By = {}): UserId => {
  if (actor !== undefined && actor !== systemActor) return userIdOf(actor);
  throw new ContrailError('bad-request', '/actor: say who does it', {
    faults: [{ at: '/actor', detail: 'is required' }],
  });
};
