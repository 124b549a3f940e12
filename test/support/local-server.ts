// The real server in this process, on a free port and a database of its own, for tests that hold its clock or call its functions.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Config, configWith } from '../../src/config.js';
import type { RunningServer, ServerParts } from '../../src/running-server.js';
import { startServer } from '../../src/server.js';

export class LocalServer {
  readonly dataDir = mkdtempSync(join(tmpdir(), 'contrail-local-'));
  readonly #changes: Partial<Config>;
  readonly #parts: ServerParts;
  #server: RunningServer | null = null;

  private constructor(changes: Partial<Config>, parts: ServerParts) {
    this.#changes = changes;
    this.#parts = parts;
  }

  static async start(changes: Partial<Config> = {}, parts: ServerParts = {}): Promise<LocalServer> {
    const local = new LocalServer(changes, parts);
    await local.#start(0);
    return local;
  }

  get server(): RunningServer {
    if (this.#server === null) throw new Error('the server is not running');
    return this.#server;
  }
  get url(): string {
    return this.server.url;
  }
  get wsUrl(): string {
    return this.url.replace('http', 'ws');
  }

  /** Ends the server as SIGTERM would and starts another one on the same port and database. */
  restart(): Promise<void> {
    return this.whileStopped(async () => undefined);
  }

  /** A restart with something done to the database in between. */
  async whileStopped(work: (dataDir: string) => Promise<void>): Promise<void> {
    const { port } = new URL(this.url);
    await this.server.close();
    this.#server = null;
    await work(this.dataDir);
    await this.#start(Number(port));
  }

  async dispose(): Promise<void> {
    await this.#server?.close();
    rmSync(this.dataDir, { recursive: true, force: true });
  }

  async #start(port: number): Promise<void> {
    const config = configWith({
      host: '127.0.0.1',
      logLevel: 'error',
      durability: 'normal',
      maxFramesPerSecond: 1_000_000,
      maxFramesBurst: 1_000_000,
      ...this.#changes,
      port,
      dataDir: this.dataDir,
    });
    this.#server = await startServer(config, this.#parts);
  }
}

export const withLocalServer = async (
  work: (local: LocalServer) => Promise<void>,
  changes: Partial<Config> = {},
  parts: ServerParts = {},
): Promise<void> => {
  const local = await LocalServer.start(changes, parts);
  try {
    await work(local);
  } finally {
    await local.dispose();
  }
};
