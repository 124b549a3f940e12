// The options of `createServer`, checked: every setting of config.ts by its name in camel case, and what only code can give. The environment
// is not read; `createServer({ ...readConfig(), … })` reads it.

import { Server as NetServer } from 'node:net';
import { type Config, ConfigError, contradictions, settings } from './config.js';
import type { LentServer } from './host.js';
import type { Authenticate, Authorize } from './http/host-rules.js';
import type { Logger } from './logger.js';

export interface ServerOptions extends Partial<Config> {
  /**
   * A `node:http` or `node:https` server to live in; it may listen already or later, and stays its owner's: `close` leaves it open. Without one a
   * server of our own listens on `host` and `port`, which otherwise mean nothing.
   */
  readonly server?: LentServer;
  /**
   * Where in `server`, such as `/collab`: documents are at `ws://HOST/collab/<documentId>`, REST at `/collab/api/realtime`. Everything else of
   * the server is left alone. Needed with `server`, and only then.
   */
  readonly path?: string;
  /** Whether the demo application is served at `/`; yes unless given, and never in a server that is handed in: its paths begin at the root. */
  readonly demoPages?: boolean;
  /** Who somebody is. Takes the place of `jwtSecret` and `jwksUrl`. Without any of them everybody is whom they say, and only loopback addresses are heard. */
  readonly authenticate?: Authenticate;
  /** Which role somebody has in a document. Without it: what tokens claim, ownership, and what was shared. */
  readonly authorize?: Authorize;
  /** A pino logger; JSON lines on stderr from `logLevel` on unless given. */
  readonly logger?: Logger;
}

export interface CheckedOptions {
  readonly config: Config;
  readonly lent: { readonly server: LentServer; readonly path: string } | null;
  readonly demoPages: boolean;
  readonly authenticate: Authenticate | null;
  readonly authorize: Authorize | null;
  readonly logger: Logger | null;
}

const codeOptions: ReadonlySet<string> = new Set([
  'server',
  'path',
  'demoPages',
  'authenticate',
  'authorize',
  'logger',
] satisfies (keyof ServerOptions)[]);
const pathPattern = /^(\/[\w.~-]+)+$/;

/** Throws ConfigError with every fault. */
export const checkOptions = (options: ServerOptions): CheckedOptions => {
  const faults: string[] = [];
  const check = (name: string, holds: boolean, must: string): void => {
    if (!holds) faults.push(`${name}: ${must}`);
  };
  const given = options as Readonly<Record<string, unknown>>;
  for (const name of Object.keys(given))
    if (!codeOptions.has(name) && !Object.hasOwn(settings, name)) faults.push(`${name}: ${unknownOption(name)}`);
  const config = configOf(given, faults);
  const { server, path, demoPages, authenticate, authorize, logger } = options;
  if (server !== undefined) {
    check('server', server instanceof NetServer, 'must be a server of node:http or node:https');
    check('path', path !== undefined, 'is needed with server, such as "/collab"');
  } else check('path', path === undefined, 'is for a server of your own: give it as server');
  if (path !== undefined)
    check(
      'path',
      typeof path === 'string' && pathPattern.test(path),
      'must be like "/collab", without a slash at its end',
    );
  check('demoPages', demoPages === undefined || typeof demoPages === 'boolean', 'must be true or false');
  check('demoPages', demoPages !== true || server === undefined, 'is for a server of its own');
  for (const [name, value] of Object.entries({ authenticate, authorize }))
    check(name, value === undefined || typeof value === 'function', 'must be a function');
  if (authenticate !== undefined)
    check('authenticate', config.jwtSecret === '' && config.jwksUrl === '', 'takes the place of jwtSecret and jwksUrl');
  check('logger', logger === undefined || typeof logger?.info === 'function', 'must be a pino logger');
  faults.push(...contradictions(config, (key) => key));
  if (faults.length > 0) throw new ConfigError(faults);
  return {
    config,
    lent: server === undefined || path === undefined ? null : { server, path },
    demoPages: demoPages ?? server === undefined,
    authenticate: authenticate ?? null,
    authorize: authorize ?? null,
    logger: logger ?? null,
  };
};

/** Each setting through the same check as the environment's text, under its own type. Faulty ones have their default, so that checking goes on. */
const configOf = (given: Readonly<Record<string, unknown>>, faults: string[]): Config => {
  const entries = Object.entries(settings).map(([name, { parse, fallback }]) => {
    const byDefault: unknown = parse(fallback);
    const value = given[name];
    if (value === undefined) return [name, byDefault];
    try {
      if (typeof value !== typeof byDefault || Array.isArray(value) !== Array.isArray(byDefault))
        throw new Error(`must be a ${Array.isArray(byDefault) ? 'list of strings' : typeof byDefault}`);
      return [name, parse(Array.isArray(value) ? value.join(',') : String(value))];
    } catch (error) {
      faults.push(`${name}: ${error instanceof Error ? error.message : 'not valid'}`);
      return [name, byDefault];
    }
  });
  return Object.freeze(Object.fromEntries(entries) as Config);
};

const unknownOption = (name: string): string => {
  const meant = Object.entries(settings).find(
    ([key, { env }]) => env === name || key.toLowerCase() === name.toLowerCase(),
  )?.[0];
  return meant === undefined ? 'is no option' : `is no option; it is called ${meant}`;
};
