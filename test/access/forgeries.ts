// Tokens that nobody may come in with, made of every trick that is known, and combinations of them.

import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { CompactEncrypt, UnsecuredJWT } from 'jose';

export interface Forgery {
  readonly name: string;
  readonly token: string;
}

export interface Target {
  /** The server's public keys as PEM, for confusing RS with HS; none with a secret. */
  readonly publicPem: string;
  readonly issuer: string;
  readonly audience: string;
  /** Signs as the server expects it: for tokens whose claims alone are wrong. */
  readonly signProperly: (header: object, claims: object) => string;
  /** Where mallory offers keys. */
  readonly jwksUrl: string;
}

const encode = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

export const signHmac = (header: object, claims: unknown, secret: string | Uint8Array, hash = 'sha256'): string => {
  const input = `${encode(header)}.${encode(claims)}`;
  return `${input}.${createHmac(hash, secret).update(input).digest('base64url')}`;
};

export const signRsa = (header: object, claims: unknown, key: KeyObject): string => {
  const input = `${encode(header)}.${encode(claims)}`;
  return `${input}.${sign('sha256', Buffer.from(input), key).toString('base64url')}`;
};

const now = () => Math.floor(Date.now() / 1000);

/** About 350 of them. */
export const forgeries = async ({
  publicPem,
  issuer,
  audience,
  signProperly,
  jwksUrl,
}: Target): Promise<readonly Forgery[]> => {
  const own = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const ownJwk = own.publicKey.export({ format: 'jwk' });
  const claims = { sub: 'mallory', iss: issuer, aud: audience, exp: now() + 3600, roles: ['admin'] };
  const all: Forgery[] = [];
  const add = (name: string, token: string) => all.push({ name, token });

  for (const alg of ['none', 'None', 'NONE', 'nOnE', '', 'null', 'HS256 ', 'hs256', 'HS1', 'RS1', 'dir', 'A128KW']) {
    for (const signature of ['', 'AA', 'e30', encode('signed')]) {
      add(
        `alg ${alg || 'empty'}, signature "${signature}"`,
        `${encode({ alg, typ: 'JWT' })}.${encode(claims)}.${signature}`,
      );
    }
    add(`alg ${alg || 'empty'}, no dot at the end`, `${encode({ alg })}.${encode(claims)}`);
  }
  add('unsecured, by jose', new UnsecuredJWT({ ...claims }).encode());

  const confused = [
    publicPem,
    publicPem.trim(),
    publicPem.replace(/\n/g, ''),
    publicPem.replace(/-----.*?-----|\n/g, ''),
    '',
    '\0',
    'secret',
    'null',
  ];
  for (const [index, key] of confused.entries()) {
    for (const [alg, hash] of [
      ['HS256', 'sha256'],
      ['HS384', 'sha384'],
      ['HS512', 'sha512'],
      ['RS256', 'sha256'],
      ['ES256', 'sha256'],
      ['EdDSA', 'sha512'],
    ] as const)
      add(`${alg} signed by HMAC with key ${index}`, signHmac({ alg, typ: 'JWT' }, claims, key, hash));
  }

  const kids = [
    '../../../../dev/null',
    '/dev/null',
    '../../etc/passwd',
    "x' UNION SELECT 'secret",
    '$(id)',
    '| id',
    'file:///dev/null',
    jwksUrl,
    '__proto__',
    'constructor',
    '',
    'a'.repeat(2000),
    '\0',
    '0',
    '-1',
    '{"kty":"oct"}',
  ];
  for (const kid of kids) {
    add(`kid ${kid.slice(0, 24)}, HS256 with nothing`, signHmac({ alg: 'HS256', kid }, claims, ''));
    add(`kid ${kid.slice(0, 24)}, HS256 with the kid`, signHmac({ alg: 'HS256', kid }, claims, kid));
    add(`kid ${kid.slice(0, 24)}, RS256 by mallory`, signRsa({ alg: 'RS256', kid }, claims, own.privateKey));
  }
  for (const kid of [1, null, {}, [], true])
    add(`kid of type ${typeof kid}`, signRsa({ alg: 'RS256', kid }, claims, own.privateKey));

  for (const alg of ['RS256', 'ES256', 'EdDSA', 'HS256', 'PS256']) {
    for (const [name, header] of Object.entries({
      jwk: { jwk: ownJwk },
      jku: { jku: jwksUrl },
      x5u: { x5u: jwksUrl },
      x5c: { x5c: [encode(own.publicKey.export({ format: 'pem', type: 'spki' }))] },
      'jwk and kid': { jwk: ownJwk, kid: 'server' },
      'jku and kid': { jku: jwksUrl, kid: 'server' },
      'oct jwk': { jwk: { kty: 'oct', k: encode('mallory') } },
      'crit jwk': { jwk: ownJwk, crit: ['jwk'] },
      x5t: { x5t: 'AAAA', 'x5t#S256': 'AAAA' },
      b64: { b64: false, crit: ['b64'] },
    })) {
      add(`${alg} with ${name}, by RSA`, signRsa({ alg, ...header }, claims, own.privateKey));
      add(`${alg} with ${name}, by HMAC`, signHmac({ alg, ...header }, claims, 'mallory'));
    }
  }

  // Properly signed, wrongly claimed.
  const wrong: Record<string, object> = {
    'another issuer': { iss: 'https://mallory.example' },
    'no issuer': { iss: undefined },
    'a list of issuers': { iss: [issuer] },
    'issuer with a slash': { iss: `${issuer}/` },
    'another audience': { aud: 'mallory' },
    'no audience': { aud: undefined },
    'a list without the audience': { aud: ['a', 'b'] },
    'audience of another case': { aud: audience.toUpperCase() },
    expired: { exp: now() - 60 },
    'long expired': { exp: 1 },
    'expiry zero': { exp: 0 },
    'no expiry': { exp: undefined },
    'expiry as text': { exp: '9999999999' },
    'expiry null': { exp: null },
    'expiry negative': { exp: -1 },
    'expiry a list': { exp: [now() + 60] },
    'not yet': { nbf: now() + 3600 },
    'not before as text': { nbf: 'soon' },
    'no subject': { sub: undefined },
    'empty subject': { sub: '' },
    'subject a number': { sub: 7 },
    'subject null': { sub: null },
    'subject an object': { sub: { id: 'alice' } },
    'subject a list': { sub: ['alice'] },
    'the system': { sub: 'system' },
    'control characters': { sub: 'ali\u0000ce' },
    'a line break': { sub: 'alice\n' },
    'blanks around': { sub: ' alice' },
    'too long': { sub: 'a'.repeat(129) },
    'half a surrogate': { sub: 'a\ud800' },
    'documents a text': { documents: 'owner' },
    'documents a list': { documents: ['plan'] },
    'unknown role': { documents: { plan: 'root' } },
    'role not a text': { documents: { plan: true } },
    'no document id': { documents: { '../plan': 'owner' } },
    'larger than 4 KiB': { padding: 'x'.repeat(4096) },
    'larger than 64 KiB': { padding: 'x'.repeat(10_000) },
  };
  for (const [name, change] of Object.entries(wrong))
    add(`properly signed, ${name}`, signProperly({}, { ...claims, ...change }));
  for (const claim of ['[]', 'null', '"alice"', '1', '{', '', 'e30'])
    add(`the claims are ${claim}`, `${encode({ alg: 'HS256' })}.${encode(claim)}.AAAA`);

  const good = signProperly({}, claims);
  const [head = '', body = '', signature = ''] = good.split('.');
  const bent: Record<string, string> = {
    'another body': `${head}.${encode({ ...claims, sub: 'alice' })}.${signature}`,
    'another header': `${encode({ alg: 'none' })}.${body}.${signature}`,
    'no signature': `${head}.${body}.`,
    'half a signature': `${head}.${body}.${signature.slice(0, signature.length / 2)}`,
    'a turned signature': `${head}.${body}.${[...signature].reverse().join('')}`,
    'a fourth part': `${good}.AAAA`,
    'two in one': `${good}${good}`,
    'no parts': good.replaceAll('.', ''),
    'only dots': '..',
    empty: '.',
    padding: `${good}==`,
    'a blank': `${head}. ${body}.${signature}`,
    'JSON serialisation': encode({ payload: body, protected: head, signature }),
    'not base64': '!!!.???.***',
    unicode: 'тест.тест.тест',
  };
  for (const [name, token] of Object.entries(bent)) add(`bent: ${name}`, token);
  for (let at = 0; at < good.length - 1; at += Math.ceil(good.length / 40)) {
    const letter = good[at] === 'A' ? 'B' : 'A';
    if (good[at] !== '.') add(`letter ${at} changed`, good.slice(0, at) + letter + good.slice(at + 1));
  }

  const plain = new TextEncoder().encode(JSON.stringify(claims));
  for (const alg of ['RSA-OAEP', 'RSA-OAEP-256']) {
    add(
      `JWE ${alg}`,
      await new CompactEncrypt(plain).setProtectedHeader({ alg, enc: 'A256GCM' }).encrypt(own.publicKey),
    );
    add(
      `nested JWE ${alg}`,
      await new CompactEncrypt(new TextEncoder().encode(good))
        .setProtectedHeader({ alg, enc: 'A256GCM', cty: 'JWT' })
        .encrypt(own.publicKey),
    );
  }
  add(
    'JWE dir',
    await new CompactEncrypt(plain).setProtectedHeader({ alg: 'dir', enc: 'A256GCM' }).encrypt(new Uint8Array(32)),
  );
  return all;
};
