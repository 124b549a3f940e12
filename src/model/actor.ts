// Who is behind a connection or a request. Comes from authentication alone, never from a frame or a body (I4).

import type { UserId } from './ids.js';
import type { Role } from './roles.js';

export interface Actor {
  readonly userId: UserId;
  /** Display name, where the token or the open-mode request has one. */
  readonly name: string | null;
  readonly admin: boolean;
  /** Roles by document id that win over stored membership; `null` when the token brings none. */
  readonly documents: Readonly<Record<string, Role>> | null;
  /** Unix ms at which the token expires; `null` in open mode. */
  readonly expiresAt: number | null;
}
