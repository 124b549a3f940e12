// The real server as a child process, to be killed and started again on the same port and database.

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until, within } from './deadline.js';

export interface ServerOptions {
  /** Settings beside HOST, PORT and DATA_DIR. */
  readonly env?: Readonly<Record<string, string>>;
  /** An existing folder, which `dispose` then leaves alone. */
  readonly dataDir?: string;
  readonly readyMs?: number;
  /** Whether it brings the samples of the demonstration. */
  readonly demo?: boolean;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Limits so high that a test's load never meets them. */
export const generousLimits = { MAX_FRAMES_PER_SECOND: '1000000', MAX_FRAMES_BURST: '1000000' } as const;

const entry = 'build/src/main.js';
const outputKept = 64 * 1024;

/** Starts the server and watches it until its end; knows nothing of readiness. */
export class ServerRun {
  readonly child: ChildProcess;
  readonly exited: Promise<Exit>;
  /** The base URL the server printed, once it has. */
  readonly listening: Promise<string>;
  /** `performance.now()` of that line. */
  listeningAt = 0;
  output = '';

  constructor(env: Readonly<Record<string, string>>, demo = false) {
    const child = spawn(process.execPath, [entry, 'serve', ...(demo ? ['--demo'] : [])], {
      env: { ...process.env, HOST: '127.0.0.1', PORT: '0', LOG_LEVEL: 'warn', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child = child;
    const killWithUs = (): void => {
      child.kill('SIGKILL');
    };
    process.once('exit', killWithUs);
    child.once('close', () => process.off('exit', killWithUs));
    this.exited = new Promise((resolve) => child.once('close', (code, signal) => resolve({ code, signal })));
    this.listening = new Promise((resolve, reject) => {
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        this.#keep(text);
        const url = this.listeningAt === 0 ? /http:\/\/127\.0\.0\.1:\d+/.exec(this.output)?.[0] : undefined;
        if (url === undefined) return;
        this.listeningAt = performance.now();
        resolve(url);
      });
      child.once('error', reject);
      this.exited.then(({ code, signal }) =>
        reject(new Error(`the server ended (${code ?? signal}) before it listened:\n${this.output}`)),
      );
    });
    this.listening.catch(() => {}); // whoever awaits it hears of it
    child.stderr.setEncoding('utf8').on('data', (text: string) => this.#keep(text));
  }

  #keep(text: string): void {
    this.output = (this.output + text).slice(-outputKept);
  }
}

export class ServerProcess {
  readonly dataDir: string;
  readonly #ownsDataDir: boolean;
  readonly #env: Readonly<Record<string, string>>;
  readonly #readyMs: number;
  readonly #demo: boolean;
  #run: ServerRun;
  #url = '';

  static async start(options: ServerOptions = {}): Promise<ServerProcess> {
    const server = new ServerProcess(options);
    try {
      await server.#ready();
    } catch (error) {
      await server.dispose();
      throw error;
    }
    return server;
  }

  private constructor(options: ServerOptions) {
    this.dataDir = options.dataDir ?? mkdtempSync(join(tmpdir(), 'contrail-e2e-'));
    this.#ownsDataDir = options.dataDir === undefined;
    this.#env = { ...options.env, DATA_DIR: this.dataDir };
    this.#readyMs = options.readyMs ?? (options.demo ? 60_000 : 15_000);
    this.#demo = options.demo ?? false;
    this.#run = new ServerRun(this.#env, this.#demo);
  }

  /** `http://127.0.0.1:<port>`; the same after a restart. */
  get url(): string {
    return this.#url;
  }
  get wsUrl(): string {
    return this.#url.replace('http', 'ws');
  }
  get pid(): number {
    return this.#run.child.pid ?? -1;
  }
  /** What this run wrote to stdout and stderr, newest 64 KiB. */
  get output(): string {
    return this.#run.output;
  }
  /** `performance.now()` when this run said that it listens. */
  get listeningAt(): number {
    return this.#run.listeningAt;
  }
  get running(): boolean {
    return this.#run.child.exitCode === null && this.#run.child.signalCode === null;
  }

  async kill9(): Promise<void> {
    this.#run.child.kill('SIGKILL');
    await this.#run.exited;
  }

  /** Starts again on the same port and data folder, after `kill9` or `stop`. */
  async restart(options: { readonly waitReady?: boolean } = {}): Promise<void> {
    this.#run = new ServerRun({ ...this.#env, PORT: new URL(this.#url).port }, this.#demo);
    if (options.waitReady === false) await within(this.#run.listening, 'the server listens again', this.#readyMs);
    else await this.#ready();
  }

  /** Ends it by SIGTERM; rejects when that takes more than 10 s. */
  async stop(): Promise<Exit & { readonly ms: number }> {
    const started = performance.now();
    this.#run.child.kill('SIGTERM');
    const exit = await within(this.#run.exited, 'the server ends after SIGTERM', 10_000);
    return { ...exit, ms: performance.now() - started };
  }

  async dispose(): Promise<void> {
    if (this.running) await this.kill9();
    if (this.#ownsDataDir) rmSync(this.dataDir, { recursive: true, force: true });
  }

  /** Resident memory in bytes (Linux; 0 elsewhere). */
  rssBytes(): number {
    try {
      const kib = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${this.pid}/status`, 'utf8'))?.[1];
      return Number(kib ?? 0) * 1024;
    } catch {
      return 0;
    }
  }

  async #ready(): Promise<void> {
    this.#url = await within(this.#run.listening, 'the server listens', this.#readyMs);
    await until(
      async () => {
        const answer = await fetch(`${this.#url}/healthz/ready`).catch(() => null);
        await answer?.arrayBuffer();
        return answer?.status === 200;
      },
      `the server is ready\n${this.output}`,
      this.#readyMs,
    );
  }
}

/** Runs `work` against a fresh server and disposes of it, whatever happens; a failure shows what the server wrote. */
export const withServer = async (
  options: ServerOptions,
  work: (server: ServerProcess) => Promise<void>,
): Promise<void> => {
  const server = await ServerProcess.start(options);
  try {
    await work(server);
  } catch (error) {
    if (server.output.trim() !== '') console.error(`the server wrote:\n${server.output.slice(-4_000)}`);
    throw error;
  } finally {
    await server.dispose();
  }
};
