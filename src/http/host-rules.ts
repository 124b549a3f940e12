// What embedding code decides itself: who somebody is, and which role they have in a document. Its answers come from outside like any input
// and are checked here; when it throws or answers nonsense nobody is let in, and the log says why.

import type { RoleQuestion } from '../crdt/decided-roles.js';
import type { Actor } from '../model/actor.js';
import { ContrailError } from '../model/errors.js';
import { parseDocumentId, parseUserId, systemActor } from '../model/ids.js';
import { parseRole, type Role } from '../model/roles.js';
import type { Clock } from '../model/time.js';

/** What somebody comes with. */
export interface Credentials {
  readonly transport: 'websocket' | 'rest';
  /** Of `Authorization: Bearer`, and of a WebSocket also the subprotocol `bearer.<token>` or `?token=`. */
  readonly token: string | null;
  /** All of the request's headers, cookies among them. */
  readonly headers: Headers;
  /** Of the query: what a provider has in `params`. */
  readonly parameters: URLSearchParams;
  /** The client's, past trusted proxies. */
  readonly address: string;
}

export interface Identity {
  /** 1 to 128 characters, no control characters or surrounding blanks, not `system`. */
  readonly userId: string;
  /** Shown to others; 128 characters at most. */
  readonly name?: string | null;
  /** May also track and change flights, send and broadcast, and see all statistics. */
  readonly admin?: boolean;
  /** Roles by document id, which win over what was shared. */
  readonly documents?: Readonly<Record<string, Role>>;
  /** From then on connections are closed with 4401; never unless given. */
  readonly expiresAt?: Date;
}

/**
 * Who somebody is; `null` for nobody (401, or 4401 on a WebSocket, which a stock client does not try again). Called once for each connection
 * and REST request. A `ContrailError` that it throws is answered as it is; any other error is logged and answered with 500, or 4500.
 */
export type Authenticate = (credentials: Credentials) => Identity | null | Promise<Identity | null>;

/** Who asks for which document, and the role they would have by what is stored. */
export type AuthorizationQuestion = RoleQuestion;

/**
 * The role somebody has in a document; `null` hides it from them. Called for each connection, for each REST request that names a document,
 * and for each document in a list; the answer holds for as long as the connection does, or until `documents.reauthorize`. What it throws
 * is treated as what `authenticate` throws.
 */
export type Authorize = (question: AuthorizationQuestion) => Role | null | Promise<Role | null>;

/** The actor behind credentials. Rejects with `unauthenticated`, or whatever else the connection is to be closed with. */
export type Identify = (credentials: Credentials) => Promise<Actor>;

/** How long embedding code may take to answer; a stock client tries again after that. */
export const maxAnswerMs = 10_000;

const inTime = <T>(answer: T | Promise<T>, what: string, clock: Clock): Promise<T> =>
  new Promise((resolve, reject) => {
    const late = new ContrailError('overloaded', `${what} took too long to answer; try again shortly.`);
    const cancel = clock.after(maxAnswerMs, () => reject(late));
    Promise.resolve(answer).then(resolve, reject).finally(cancel);
  });

/** `authenticate` as the rest of the server asks it. */
export const identifyBy =
  (authenticate: Authenticate, clock: Clock): Identify =>
  async (credentials) => {
    const identity: unknown = await inTime(authenticate(credentials), 'authenticate', clock);
    if (identity === null) throw new ContrailError('unauthenticated', 'valid credentials are required');
    return actorOf(identity);
  };

/** `authorize` as the rest of the server asks it. */
export const roleBy =
  (authorize: Authorize, clock: Clock) =>
  async (question: AuthorizationQuestion): Promise<Role | null> => {
    const answer: unknown = await inTime(authorize(question), 'authorize', clock);
    const role = typeof answer === 'string' ? parseRole(answer) : null;
    if (role === null && answer !== null)
      throw nonsense(`authorize must answer "owner", "editor", "viewer" or null, not ${shown(answer)}`);
    return role;
  };

const actorOf = (identity: unknown): Actor => {
  if (typeof identity !== 'object' || identity === null)
    throw nonsense(`authenticate must answer an object or null, not ${shown(identity)}`);
  const { userId, name = null, admin = false, documents = null, expiresAt } = identity as Partial<Identity>;
  const id = typeof userId === 'string' ? parseUserId(userId) : null;
  if (id === null || id === systemActor) throw nonsense(`authenticate answered no user id: ${shown(userId)}`);
  if (name !== null && typeof name !== 'string') throw nonsense('authenticate answered a name that is no string');
  if (typeof admin !== 'boolean') throw nonsense('authenticate answered an admin that is neither true nor false');
  if (expiresAt !== undefined && !(expiresAt instanceof Date && Number.isFinite(expiresAt.getTime())))
    throw nonsense('authenticate answered an expiresAt that is no Date');
  return {
    userId: id,
    name: name?.slice(0, maxNameLength) || null,
    admin,
    documents: documents === null ? null : claimedRoles(documents),
    expiresAt: expiresAt?.getTime() ?? null,
  };
};

const maxNameLength = 128;

const claimedRoles = (claims: object): Readonly<Record<string, Role>> => {
  const claimed: Record<string, Role> = Object.create(null);
  for (const [id, role] of Object.entries(claims)) {
    const known = typeof role === 'string' ? parseRole(role) : null;
    if (known === null || parseDocumentId(id) === null)
      throw nonsense('authenticate answered documents with an unknown role, or an id that is none');
    claimed[id] = known;
  }
  return claimed;
};

/** The caller is told nothing of it. */
const nonsense = (what: string): ContrailError =>
  new ContrailError('internal', 'Something went wrong on the server.', { cause: new TypeError(what) });

const shown = (value: unknown): string =>
  typeof value === 'string' ? JSON.stringify(value.slice(0, 64)) : typeof value;
