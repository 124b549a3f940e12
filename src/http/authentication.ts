// Who a token says somebody is (docs/access.md, "Modes" and "Claims"). Signatures are jose's; here are the rules around them: which keys and
// algorithms count, which claims must be there, and what becomes of them. Nothing of a token but its claims leaves this file.

import {
  createRemoteJWKSet,
  errors,
  type JWTPayload,
  type JWTVerifyGetKey,
  type JWTVerifyOptions,
  jwtVerify,
} from 'jose';
import type { Actor } from '../model/actor.js';
import { ContrailError } from '../model/errors.js';
import { parseDocumentId, parseUserId, systemActor } from '../model/ids.js';
import { parseRole, type Role } from '../model/roles.js';
import type { Identify } from './host-rules.js';

/** Checks a token and answers whose it is. Rejects with `unauthenticated`, `token-expired`, or `overloaded` while the keys are out of reach. */
export type VerifyToken = (token: string) => Promise<Actor>;

export interface AuthenticationOptions {
  /** Secret of HS256; empty when there is none. */
  readonly secret: string;
  /** Where the public keys are (RS256, ES256, EdDSA); empty when there is none. */
  readonly jwksUrl: string;
  /** Required values of `iss` and `aud`; empty asks for none. */
  readonly issuer: string;
  readonly audience: string;
  readonly now: () => number;
}

const maxTokenBytes = 4 * 1024;
/** Three parts of base64url, without the padding and blanks that decoders put up with. */
const compactJws = /^[\w-]+\.[\w-]+\.[\w-]+$/;
const maxNameLength = 128;
const skewSeconds = 30;
/** The keys are fetched again after so long, and at once when a token names one that is not known, though not more often than every `cooldownMs`. */
const jwksMaxAgeMs = 10 * 60_000;
const jwksCooldownMs = 5_000;
const jwksTimeoutMs = 5_000;

/** `null` is open mode: nobody is authenticated. Throws when both kinds of keys are configured. */
export const tokenVerifier = (options: AuthenticationOptions): VerifyToken | null => {
  const { secret, jwksUrl, issuer, audience, now } = options;
  if (secret === '' && jwksUrl === '') return null;
  if (secret !== '' && jwksUrl !== '')
    throw new ContrailError(
      'bad-request',
      'Set either JWT_SECRET or JWKS_URL: with both, it is not clear who may sign.',
    );
  const check = secret !== '' ? withSecret(secret) : withKeySet(jwksUrl);
  const rules: JWTVerifyOptions = {
    requiredClaims: ['sub', 'exp'],
    clockTolerance: skewSeconds,
    ...(issuer === '' ? {} : { issuer }),
    ...(audience === '' ? {} : { audience }),
  };
  return async (token) => {
    if (token.length > maxTokenBytes) throw unauthenticated(`the token is larger than ${maxTokenBytes} bytes`);
    if (!compactJws.test(token)) throw unauthenticated('the token is not valid');
    const at = now();
    try {
      return actorOf(await check(token, { ...rules, currentDate: new Date(at) }), at);
    } catch (thrown) {
      throw refusal(thrown);
    }
  };
};

type Check = (token: string, rules: JWTVerifyOptions) => Promise<JWTPayload>;

const withSecret = (secret: string): Check => {
  const key = new TextEncoder().encode(secret);
  return async (token, rules) => (await jwtVerify(token, key, { ...rules, algorithms: ['HS256'] })).payload;
};

/** The set's keys alone count: `jku`, `jwk`, `x5u` and `x5c` in a token's header are never looked at. */
const withKeySet = (url: string): Check => {
  const keys: JWTVerifyGetKey = createRemoteJWKSet(new URL(url), {
    timeoutDuration: jwksTimeoutMs,
    cooldownDuration: jwksCooldownMs,
    cacheMaxAge: jwksMaxAgeMs,
  });
  return async (token, rules) =>
    (await jwtVerify(token, keys, { ...rules, algorithms: ['RS256', 'ES256', 'EdDSA'] })).payload;
};

const unauthenticated = (detail: string): ContrailError => new ContrailError('unauthenticated', detail);

/** The cause is not kept: jose's errors carry the claims. */
const refusal = (thrown: unknown): ContrailError => {
  if (thrown instanceof ContrailError) return thrown;
  if (thrown instanceof errors.JWTExpired) return new ContrailError('token-expired', 'the token has expired');
  if (thrown instanceof errors.JWTClaimValidationFailed)
    return unauthenticated(`the token's claim "${thrown.claim}" is missing or not accepted`);
  if (thrown instanceof errors.JWKSNoMatchingKey || thrown instanceof errors.JWKSMultipleMatchingKeys)
    return unauthenticated('the token is signed with a key that is not known here');
  if (isOutOfReach(thrown))
    return new ContrailError('overloaded', 'the keys for checking tokens cannot be fetched now; try again shortly');
  return unauthenticated('the token is not valid');
};

/** jose reports an answer other than 200, or one that is no JSON, by its most general error; a failed connection is fetch's TypeError. */
const isOutOfReach = (thrown: unknown): boolean =>
  thrown instanceof errors.JWKSTimeout ||
  thrown instanceof errors.JWKSInvalid ||
  (thrown instanceof errors.JOSEError && thrown.code === 'ERR_JOSE_GENERIC') ||
  (thrown instanceof TypeError && thrown.message === 'fetch failed');

const actorOf = (claims: JWTPayload, now: number): Actor => {
  const userId = typeof claims.sub === 'string' ? parseUserId(claims.sub) : null;
  if (userId === null || userId === systemActor) throw unauthenticated('the token\'s claim "sub" is no user id');
  const expiresAt = Number(claims.exp) * 1000;
  const { name, roles, documents } = claims;
  return {
    userId,
    name: typeof name === 'string' && name !== '' ? name.slice(0, maxNameLength) : null,
    admin: Array.isArray(roles) && roles.includes('admin'),
    documents: documents === undefined ? null : claimedRoles(documents),
    // A token that came within the skew may stay until the skew is over.
    expiresAt: now < expiresAt ? expiresAt : expiresAt + skewSeconds * 1000,
  };
};

/** What a host claims wrongly is refused: a role that is misspelt must not become the stored one. */
const claimedRoles = (claim: unknown): Readonly<Record<string, Role>> => {
  if (typeof claim !== 'object' || claim === null || Array.isArray(claim))
    throw unauthenticated('the token\'s claim "documents" is no object');
  const claimed: Record<string, Role> = Object.create(null);
  for (const [id, value] of Object.entries(claim)) {
    const role = typeof value === 'string' ? parseRole(value) : null;
    if (role === null || parseDocumentId(id) === null)
      throw unauthenticated('the token\'s claim "documents" names an unknown role or no document');
    claimed[id] = role;
  }
  return claimed;
};

/** Tokens as the way to find out who somebody is. */
export const identifyByToken =
  (verify: VerifyToken): Identify =>
  async ({ token }) => {
    if (token === null) throw unauthenticated('a token is required');
    return verify(token);
  };

/** The token of `Authorization: Bearer …`; `null` without one. */
export const bearerToken = (authorization: string | null | undefined): string | null =>
  /^bearer +(\S+)$/i.exec(authorization?.trim() ?? '')?.[1] ?? null;

/** The token of a subprotocol `bearer.<jwt>`, which is the only header that code in a browser can set on a WebSocket. */
export const protocolToken = (protocols: string | undefined): string | null => {
  for (const protocol of protocols?.split(',') ?? []) {
    const name = protocol.trim();
    if (name.startsWith('bearer.')) return name.slice('bearer.'.length);
  }
  return null;
};
