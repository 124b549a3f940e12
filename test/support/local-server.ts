// The server in the test's own process: for tests that decide its clock, and restart it often.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Config, configWith } from '../../src/config.js';
import { type ContrailServer, createServer, type ServerParts } from '../../src/server.js';

export class LocalServer {
  readonly dataDir = mkdtempSync(join(tmpdir(), 'contrail-local-'));
  readonly #changes: Partial<Config>;
  readonly #parts: ServerParts;
  #server: ContrailServer | null = null;
  #url = '';

  private constructor(changes: Partial<Config>, parts: ServerParts) {
    this.#changes = changes;
    this.#parts = parts;
  }

  static async start(changes: Partial<Config> = {}, parts: ServerParts = {}): Promise<LocalServer> {
    const server = new LocalServer(changes, parts);
    await server.#start(0);
    return server;
  }

  /** The same after a restart. */
  get url(): string {
    return this.#url;
  }
  get wsUrl(): string {
    return this.#url.replace('http', 'ws');
  }

  async restart(): Promise<void> {
    await this.#server?.close();
    await this.#start(Number(new URL(this.#url).port));
  }

  async dispose(): Promise<void> {
    await this.#server?.close();
    rmSync(this.dataDir, { recursive: true, force: true });
  }

  async #start(port: number): Promise<void> {
    const config = configWith({
      dataDir: this.dataDir,
      logLevel: 'error',
      maxFramesPerSecond: 1_000_000,
      maxFramesBurst: 1_000_000,
      ...this.#changes,
      port,
    });
    this.#server = await createServer(config, this.#parts);
    this.#url = this.#server.url;
  }
}

/** Runs `work` against a fresh server and disposes of it, whatever happens. */
export const withLocalServer = async (
  work: (server: LocalServer) => Promise<void>,
  changes: Partial<Config> = {},
  parts: ServerParts = {},
): Promise<void> => {
  const server = await LocalServer.start(changes, parts);
  try {
    await work(server);
  } finally {
    await server.dispose();
  }
};
