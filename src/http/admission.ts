// Who comes in: finds the token of a handshake or a request, has it checked, and turns away addresses and users that come or fail too often.
// In open mode identities are taken as given (identity.ts), and only addresses are counted.

import type { IncomingMessage } from 'node:http';
import type { Actor } from '../model/actor.js';
import { asContrailError, ContrailError } from '../model/errors.js';
import { bearerToken, protocolToken, type VerifyToken } from './authentication.js';
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
  readonly verify: VerifyToken | null;
  readonly limits: AdmissionLimits;
  readonly now: () => number;
}

export class Admission {
  readonly #verify: VerifyToken | null;
  readonly #now: () => number;
  readonly #connects: RateTable;
  readonly #userConnects: RateTable;
  readonly #failures: RateTable;

  constructor({ verify, limits, now }: AdmissionOptions) {
    this.#verify = verify;
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
  async connection(request: IncomingMessage, parameters: URLSearchParams): Promise<Actor> {
    if (!this.#verify) return openActor(parameters.get('user'), parameters.get('name'));
    const { headers, socket } = request;
    const token =
      bearerToken(headers.authorization) ?? protocolToken(headers['sec-websocket-protocol']) ?? parameters.get('token');
    const actor = await this.#check(token, socket.remoteAddress ?? '');
    if (!this.#userConnects.take(actor.userId, this.#now()))
      throw new ContrailError('rate-limited', 'too many connections of this user within a minute');
    return actor;
  }

  /** The actor of a REST request. */
  async request(headers: Headers, address: string): Promise<Actor> {
    if (!this.#verify) return openActor(headers.get('x-user-id'), headers.get('x-user-name'));
    return this.#check(bearerToken(headers.get('authorization')), address);
  }

  async #check(token: string | null, address: string): Promise<Actor> {
    if (!this.#verify) throw new ContrailError('internal', 'There is nothing to check tokens with.');
    if (!this.#failures.allows(address, this.#now()))
      throw new ContrailError('rate-limited', 'too many failed attempts from this address; try again later');
    try {
      if (token === null) throw new ContrailError('unauthenticated', 'a token is required');
      return await this.#verify(token);
    } catch (thrown) {
      const error = asContrailError(thrown);
      if (error.code === 'unauthenticated') this.#failures.take(address, this.#now());
      throw error;
    }
  }
}
