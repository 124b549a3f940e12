// `contrail serve`: the server as a process, with its signals.

import { type Config, readDemoConfig } from '../config.js';
import { createServer } from '../contrail.js';
import { runDemo } from '../demo.js';
import { createLogger, type Logger } from '../logger.js';
import type { Invocation } from './command.js';
import { type ExitCode, exitCodes } from './exit-codes.js';

const stopTimeoutMs = 10_000;

/** Resolves when the server has stopped after a signal. */
export const serve = async (invocation: Invocation): Promise<ExitCode> => {
  const demo = invocation.flag('demo');
  const config = demo ? invocation.configBy(readDemoConfig) : invocation.config;
  const logger = createLogger(config.logLevel);
  const die = dieWith(logger);
  process.on('uncaughtException', (error) => die(error, 'uncaught exception'));
  process.on('unhandledRejection', (error) => die(error, 'unhandled rejection'));
  const server = await createServer({ ...config, logger });
  if (demo) await runDemo(server.url, logger);
  await invocation.terminal.write(greeting(server.url, config));
  const signal = await firstSignal();
  logger.info({ signal }, 'stopping');
  setTimeout(() => die(new Error(`not stopped after ${stopTimeoutMs} ms`), 'stop timed out'), stopTimeoutMs).unref();
  await server.close().catch((error: unknown) => die(error, 'stopping failed'));
  // Whatever still holds the loop, a client's socket say, has nothing more to tell.
  process.exit(exitCodes.done);
};

const dieWith =
  (logger: Logger) =>
  (error: unknown, message: string): never => {
    logger.fatal({ cause: error instanceof Error ? error.stack : String(error) }, message);
    process.exit(exitCodes.failed);
  };

/** The handlers stay: a second signal must not end the process in the middle of its stop. */
const firstSignal = (): Promise<NodeJS.Signals> =>
  new Promise((resolve) => {
    process.on('SIGTERM', resolve);
    process.on('SIGINT', resolve);
  });

const greeting = (
  url: string,
  { dataDir, durability, jwtSecret, jwksUrl }: Config,
): string => `Contrail is ready at ${url}

  demo      open ${url}/ in two browser windows
  editors   new WebsocketProvider('${url.replace('http', 'ws')}', 'my-document', ydoc)
  history   curl ${url}/api/realtime/documents/my-document/history
  data      ${dataDir} (every edit is on disk before anybody else sees it)
${durability === 'normal' ? '\nDURABILITY=normal: the last commits may be lost in a power cut.\n' : ''}
${jwtSecret === '' && jwksUrl === '' ? 'Open mode: identities are taken as given.' : 'Every request and connection needs a token.'}
`;
