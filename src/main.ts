#!/usr/bin/env node
// The process: arguments, signals, exit codes. What the server does is in server.ts.
// Exit codes: 0 done, 1 failed while running, 2 wrong arguments or settings.

import { ConfigError, readConfig, readDemoConfig } from './config.js';
import { createServer } from './contrail.js';
import { runDemo } from './demo.js';
import { createLogger } from './logger.js';
import { backup, rebuild, type Terminal, verify } from './maintenance-commands.js';
import { ContrailError } from './model/errors.js';

const usage = `contrail: real-time collaboration over an event log

  contrail serve          run the server (settings: environment, see README)
  contrail serve --demo   the same, with sample documents and simulated flights
  contrail verify         check the database of DATA_DIR from end to end; names what is wrong
  contrail rebuild        drop the tables that are computed from events, and fill them again
  contrail backup FILE    copy the database, also while a server uses it
  contrail --help         this text

Exit codes: 0 done and sound, 1 failed or something is wrong, 2 wrong arguments or settings.

Stock y-websocket clients connect with
  new WebsocketProvider('ws://127.0.0.1:1234', 'my-document', ydoc)
`;

const stopTimeoutMs = 10_000;

const serve = async (demo: boolean): Promise<void> => {
  const config = demo ? readDemoConfig() : readConfig();
  const logger = createLogger(config.logLevel);
  const die = (error: unknown, message: string): never => {
    logger.fatal({ cause: error instanceof Error ? error.stack : String(error) }, message);
    process.exit(1);
  };
  process.on('uncaughtException', (error) => die(error, 'uncaught exception'));
  process.on('unhandledRejection', (error) => die(error, 'unhandled rejection'));
  const server = await createServer({ ...config, logger });
  if (demo) await runDemo(server.url, logger, config.simulatorSpeed);
  const webSocketUrl = server.url.replace('http', 'ws');
  console.log(`Contrail is ready at ${server.url}

  demo      open ${server.url}/ in two browser windows
  editors   new WebsocketProvider('${webSocketUrl}', 'my-document', ydoc)
  history   curl ${server.url}/api/realtime/documents/my-document/history
  data      ${config.dataDir} (every edit is on disk before anybody else sees it)
${config.durability === 'normal' ? '\nDURABILITY=normal: the last commits may be lost in a power cut.\n' : ''}
${config.jwtSecret === '' && config.jwksUrl === '' ? 'Open mode: identities are taken as given.' : 'Every request and connection needs a token.'}`);
  let stopping = false;
  const stop = (signal: string): void => {
    if (stopping) return;
    stopping = true;
    logger.info({ signal }, 'stopping');
    setTimeout(() => die(new Error(`not stopped after ${stopTimeoutMs} ms`), 'stop timed out'), stopTimeoutMs).unref();
    server.close().then(
      () => process.exit(0),
      (error: unknown) => die(error, 'stopping failed'),
    );
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
};

const fail = (error: unknown): void => {
  if (error instanceof ConfigError) {
    console.error(`These settings are not valid:\n${error.faults.map((fault) => `  ${fault}`).join('\n')}`);
    process.exitCode = 2;
    return;
  }
  console.error(error instanceof ContrailError ? error.detail : error);
  process.exit(1);
};

const terminal: Terminal = {
  say: (line) => console.log(line),
  progress: (part) => {
    if (process.stderr.isTTY) process.stderr.write(`\r${Math.round(part * 100)} %${part >= 1 ? '\n' : ''}`);
  },
};

const maintain = async (work: (dataDir: string) => number | Promise<number>): Promise<void> => {
  process.exitCode = await work(readConfig().dataDir);
};

const [command, ...rest] = process.argv.slice(2);
const [argument] = rest;
if (command === 'serve' && rest.every((option) => option === '--demo')) serve(rest.length > 0).catch(fail);
else if (command === 'verify' && rest.length === 0) maintain((dataDir) => verify(dataDir, terminal)).catch(fail);
else if (command === 'rebuild' && rest.length === 0) maintain((dataDir) => rebuild(dataDir, terminal)).catch(fail);
else if (command === 'backup' && argument !== undefined && rest.length === 1)
  maintain((dataDir) => backup(dataDir, argument, terminal)).catch(fail);
else if (command === '--help' || command === 'help') console.log(usage);
else {
  console.error(command === undefined ? usage : `There is no "${[command, ...rest].join(' ')}".\n\n${usage}`);
  process.exitCode = 2;
}
