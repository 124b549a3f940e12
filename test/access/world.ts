// A real server in this process with its own database, and people who come with tokens.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SignJWT } from 'jose';
import { type Config, configWith } from '../../src/config.js';
import { createLogger } from '../../src/logger.js';
import type { RunningServer, ServerParts } from '../../src/running-server.js';
import { startServer } from '../../src/server.js';
import { documentRows, type LogRow } from '../support/log-rows.js';
import { Member, type MemberOptions } from './member.js';

export const secret = 'a secret of more than thirty-two bytes, for tests';
const key = new TextEncoder().encode(secret);

export interface Claims {
  readonly name?: string;
  readonly roles?: readonly string[];
  readonly documents?: Readonly<Record<string, string>>;
  /** Unix seconds; in an hour unless given. */
  readonly exp?: number;
}

export const tokenOf = (userId: string, claims: Claims = {}): Promise<string> =>
  new SignJWT({ ...claims })
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(userId)
    .setExpirationTime(claims.exp ?? Math.floor(Date.now() / 1000) + 3600)
    .sign(key);

export interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface WorldOptions {
  readonly config?: Partial<Config>;
  readonly parts?: ServerParts;
  /** An existing folder, which `close` then leaves alone. */
  readonly dataDir?: string;
}

export class World {
  readonly dataDir: string;
  readonly lines: string[];
  readonly #server: RunningServer;
  readonly #members = new Set<Member>();
  readonly #keepsData: boolean;

  private constructor(server: RunningServer, dataDir: string, lines: string[], keepsData: boolean) {
    this.#server = server;
    this.dataDir = dataDir;
    this.lines = lines;
    this.#keepsData = keepsData;
  }

  static async start(options: WorldOptions = {}): Promise<World> {
    const dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'contrail-access-'));
    const lines: string[] = [];
    const logger = createLogger('debug', { write: (line) => void lines.push(line) });
    const config = configWith({
      port: 0,
      dataDir,
      durability: 'normal',
      jwtSecret: secret,
      maxFramesPerSecond: 1_000_000,
      maxFramesBurst: 1_000_000,
      channels: [],
      ...options.config,
    });
    const server = await startServer(config, { logger, ...options.parts });
    return new World(server, dataDir, lines, options.dataDir !== undefined);
  }

  get url(): string {
    return this.#server.url;
  }

  get wsUrl(): string {
    return this.#server.url.replace('http', 'ws');
  }

  /** A person's connection; closed with the world. */
  connect(document: string, token: string, options: MemberOptions = {}): Member {
    const member = new Member(this.wsUrl, document, token, options);
    this.#members.add(member);
    return member;
  }

  /** Connects and syncs. */
  async join(document: string, userId: string, options: MemberOptions & Claims = {}): Promise<Member> {
    const { doc, by, deaf, ...claims } = options;
    const how = { ...(doc && { doc }), ...(by && { by }), ...(deaf && { deaf }) };
    return this.connect(document, await tokenOf(userId, claims), how).sync();
  }

  /** A connection that is done with. */
  leave(member: Member): void {
    this.#members.delete(member);
    member.destroy();
  }

  async call(method: string, path: string, token: string | null, body?: unknown): Promise<Answer> {
    const answer = await fetch(`${this.url}/api/realtime${path}`, {
      method,
      headers: {
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    const isJson = answer.headers.get('content-type')?.includes('json') ?? false;
    return { status: answer.status, body: isJson ? (JSON.parse(text) as Answer['body']) : { text } };
  }

  /** As `call`, for somebody by id; throws unless the answer is 2xx. */
  async as(userId: string, method: string, path: string, body?: unknown): Promise<Answer['body']> {
    const answer = await this.call(method, path, await tokenOf(userId), body);
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  }

  /** Creates a document owned by alice, shared as given. */
  async document(id: string, roles: Readonly<Record<string, 'editor' | 'viewer'>> = {}): Promise<void> {
    await this.as('alice', 'POST', '/documents/create', { id });
    for (const [userId, role] of Object.entries(roles))
      await this.as('alice', 'POST', `/documents/${id}/share`, { userIds: [userId], role });
  }

  rows(document: string): readonly LogRow[] {
    return documentRows(this.dataDir, document);
  }

  async close(): Promise<void> {
    for (const member of this.#members) member.destroy();
    await this.#server.close();
    if (!this.#keepsData) rmSync(this.dataDir, { recursive: true, force: true });
  }
}

/** Runs `work` in a world of its own. */
export const inWorld = async (work: (world: World) => Promise<void>, options: WorldOptions = {}): Promise<void> => {
  const world = await World.start(options);
  try {
    await work(world);
  } finally {
    await world.close();
  }
};
