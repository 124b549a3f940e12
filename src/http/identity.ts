// Who is asking, when nobody is authenticated (open mode): identities are taken as given.

import type { Actor } from '../model/actor.js';
import { ContrailError } from '../model/errors.js';
import { anonymousActor, parseUserId, systemActor } from '../model/ids.js';

const maxNameLength = 128;

/** The actor that a `user` (and `name`) claims to be; `anonymous` without one. Throws `malformed`. */
export const openActor = (user: string | null | undefined, name: string | null | undefined): Actor => {
  const userId = user === null || user === undefined || user === '' ? anonymousActor : parseUserId(user);
  if (userId === null || userId === systemActor) {
    throw new ContrailError(
      'malformed',
      'the user id must be 1 to 128 characters without control characters, and not "system"',
    );
  }
  if (name && name.length > maxNameLength)
    throw new ContrailError('malformed', `the name is longer than ${maxNameLength} characters`);
  return { userId, name: name || null, admin: true, documents: null, expiresAt: null };
};
