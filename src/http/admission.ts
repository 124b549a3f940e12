// Who comes in: finds the token of a handshake or a request, has it checked, and turns away addresses and users that come or fail too often.
// In open mode identities are taken as given (identity.ts), and only addresses are counted.

import type { IncomingMessage } from 'node:http';
import type { Actor } from '../model/actor.js';
import { asContrailError, ContrailError } from '../model/errors.js';
import { bearerToken, protocolToken } from './authentication.js';
import type { Credentials, Identify } from './host-rules.js';
import { openActor } from './identity.js';
import { RateTable } from './rate-table.js';

export interface AdmissionLimits {
  /** Per minute; 0 is no limit. */
  readonly connectsPerAddress: number;
  readonly connectsPerUser: number;
  readonly failuresPerAddress: number;
}

export interface AdmissionOptions {
  /** `null` in open mode. */
  readonly identify: Identify | null;
  readonly limits: AdmissionLimits;
  readonly now: () => number;
}

export class Admission {
  readonly #identify: Identify | null;
  readonly #now: () => number;
  readonly #connects: RateTable;
  readonly #userConnects: RateTable;
  readonly #failures: RateTable;

  constructor({ identify, limits, now }: AdmissionOptions) {
    this.#identify = identify;
    this.#now = now;
    this.#connects = new RateTable(limits.connectsPerAddress);
    this.#userConnects = new RateTable(limits.connectsPerUser);
    this.#failures = new RateTable(limits.failuresPerAddress);
  }

  /** Whether an address may open one more connection now. */
  mayConnect(address: string): boolean {
    return this.#connects.take(address, this.#now());
  }

  /** The actor of a handshake. Rejects with what the connection is to be closed with. */
  async connection(
    request: IncomingMessage,
    { parameters, address }: { readonly parameters: URLSearchParams; readonly address: string },
  ): Promise<Actor> {
    if (!this.#identify) return openActor(parameters.get('user'), parameters.get('name'));
    const { headers } = request;
    const actor = await this.#check(this.#identify, {
      transport: 'websocket',
      token:
        bearerToken(headers.authorization) ??
        protocolToken(headers['sec-websocket-protocol']) ??
        parameters.get('token'),
      headers: headersOf(request),
      parameters,
      address,
    });
    if (!this.#userConnects.take(actor.userId, this.#now()))
      throw new ContrailError('rate-limited', 'too many connections of this user within a minute');
    return actor;
  }

  /** The actor of a REST request. */
  async request({ headers, url }: Request, address: string): Promise<Actor> {
    if (!this.#identify) return openActor(headers.get('x-user-id'), headers.get('x-user-name'));
    return this.#check(this.#identify, {
      transport: 'rest',
      token: bearerToken(headers.get('authorization')),
      headers,
      parameters: new URL(url).searchParams,
      address,
    });
  }

  async #check(identify: Identify, credentials: Credentials): Promise<Actor> {
    const { address } = credentials;
    if (!this.#failures.allows(address, this.#now()))
      throw new ContrailError('rate-limited', 'too many failed attempts from this address; try again later');
    try {
      return await identify(credentials);
    } catch (thrown) {
      const error = asContrailError(thrown);
      if (error.code === 'unauthenticated') this.#failures.take(address, this.#now());
      throw error;
    }
  }
}

const headersOf = ({ rawHeaders }: IncomingMessage): Headers => {
  const headers = new Headers();
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) headers.append(rawHeaders[at] ?? '', rawHeaders[at + 1] ?? '');
  return headers;
};
