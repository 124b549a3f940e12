// What a command is to the program that runs it (program.ts), and what it gets to work with. The commands stand in command-table.ts.

import { type Config, readConfigWith } from '../config.js';
import { ContrailError } from '../model/errors.js';
import type { ExitCode } from './exit-codes.js';
import type { Terminal } from './terminal.js';

export interface Option {
  /** As commander reads them: `--to <file>`, `--force`. */
  readonly flags: string;
  readonly description: string;
  readonly choices?: readonly string[];
  readonly fallback?: string;
  readonly required?: boolean;
  /** May be given several times. */
  readonly many?: boolean;
}

export interface Command {
  readonly name: string;
  /** One line, for the list of commands. */
  readonly summary: string;
  /** The rest of what a person should know, for the command's own help. */
  readonly description: string;
  /** As commander reads them: `<document>`, `[documents...]`. */
  readonly arguments?: readonly { readonly name: string; readonly description: string }[];
  readonly options?: readonly Option[];
  /** A command line, without `contrail`, and what it is for. */
  readonly examples: readonly (readonly [line: string, meaning: string])[];
  /** Its result goes to stdout, and everything else to stderr. */
  readonly writesData?: boolean;
  readonly run: (invocation: Invocation) => Promise<ExitCode>;
}

/** A command line that makes no sense although each of its parts does. Exit code 2. */
export class UsageError extends Error {}

/** The arguments and options of one run, and its terminal. */
export class Invocation {
  readonly args: readonly string[];
  readonly terminal: Terminal;
  readonly #options: Readonly<Record<string, unknown>>;

  constructor(given: {
    readonly args: readonly string[];
    readonly options: Readonly<Record<string, unknown>>;
    readonly terminal: Terminal;
  }) {
    this.args = given.args;
    this.terminal = given.terminal;
    this.#options = given.options;
  }

  /** The settings of the environment, with those options over them that stand for a setting. */
  get config(): Config {
    return this.configBy(readConfigWith);
  }

  /** The same, with other defaults. */
  configBy(read: (changes: Readonly<Record<string, string>>) => Config): Config {
    const changes = [
      ['DATA_DIR', this.text('data')],
      ['HOST', this.text('host')],
      ['PORT', this.text('port')],
    ].filter((change): change is [string, string] => change[1] !== undefined);
    return read(Object.fromEntries(changes));
  }

  text(name: string): string | undefined {
    const value = this.#options[name];
    return typeof value === 'string' ? value : undefined;
  }

  flag(name: string): boolean {
    return this.#options[name] === true;
  }

  list(name: string): readonly string[] {
    const value = this.#options[name];
    return Array.isArray(value) ? value.map(String) : [];
  }

  /** A whole number of at least `least`. Throws UsageError. */
  whole(name: string, least: number): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const value = Number(text);
    if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= least) return value;
    throw new UsageError(`--${name} must be a whole number from ${least} on, not "${text}".`);
  }

  /** A moment, Unix ms: RFC 3339, or a date, which is UTC midnight. Throws UsageError. */
  time(name: string): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const at = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2}))?$/.test(text)
      ? Date.parse(text)
      : Number.NaN;
    if (Number.isFinite(at)) return at;
    throw new UsageError(`--${name} must be a time such as 2026-11-25T20:00:00Z, not "${text}".`);
  }
}

/** The value once parsed; throws UsageError with `detail` when that failed. */
export const parsed = <T>(value: T | null, detail: string): T => {
  if (value === null) throw new UsageError(detail);
  return value;
};

export const notFound = (detail: string): ContrailError => new ContrailError('not-found', detail);
