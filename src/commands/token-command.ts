// `contrail token`: a token for development, signed with the server's own secret.

import { SignJWT } from 'jose';
import { parseUserId, systemActor } from '../model/ids.js';
import { parseRole, type Role } from '../model/roles.js';
import { type Invocation, parsed, UsageError } from './command.js';
import { documentIdOf } from './database.js';
import { type ExitCode, exitCodes } from './exit-codes.js';

const unitSeconds: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };

export const token = async (invocation: Invocation): Promise<ExitCode> => {
  const { jwtSecret, jwtIssuer, jwtAudience } = invocation.config;
  if (jwtSecret === '') {
    throw new UsageError(
      'JWT_SECRET is not set: without it the server is in open mode and needs no tokens, or JWKS_URL says who makes them.\nJWT_SECRET="$(openssl rand -base64 32)" sets one up; give the server the same.',
    );
  }
  const user = invocation.text('user') ?? '';
  const userId = parseUserId(user);
  if (userId === null || userId === systemActor) {
    throw new UsageError(`"${user}" is no user id: 1 to 128 characters without control characters, and not "system".`);
  }
  const name = invocation.text('name');
  const documents = Object.fromEntries(invocation.list('document').map(claimOf));
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    ...(name === undefined ? {} : { name }),
    ...(invocation.flag('admin') ? { roles: ['admin'] } : {}),
    ...(Object.keys(documents).length === 0 ? {} : { documents }),
  };
  const unsigned = new SignJWT(claims)
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT' })
    .setSubject(userId)
    .setIssuedAt(now)
    .setExpirationTime(now + secondsOf(invocation.text('ttl') ?? ''));
  if (jwtIssuer !== '') unsigned.setIssuer(jwtIssuer);
  if (jwtAudience !== '') unsigned.setAudience(jwtAudience);
  await invocation.terminal.write(`${await unsigned.sign(new TextEncoder().encode(jwtSecret))}\n`);
  return exitCodes.done;
};

const claimOf = (text: string): readonly [string, Role] => {
  const cut = text.lastIndexOf('=');
  const role = parsed(
    parseRole(text.slice(cut + 1)),
    `--document takes id=role with owner, editor or viewer, not "${text}".`,
  );
  return [documentIdOf(text.slice(0, Math.max(cut, 0))), role];
};

const secondsOf = (text: string): number => {
  const [, amount, unit] = /^([1-9]\d{0,8})([smhd])$/.exec(text) ?? [];
  if (amount === undefined || unit === undefined)
    throw new UsageError(`--ttl takes a time such as 30s, 15m, 8h or 7d, not "${text}".`);
  return Number(amount) * (unitSeconds[unit] ?? 1);
};
