// Log lines: JSON, a fixed message, values in fields. Never payloads, tokens or query strings; a healthy busy server is quiet.

import { type DestinationStream, type Logger, pino } from 'pino';
import type { ContrailError } from './model/errors.js';

export type { Logger } from 'pino';

export const createLogger = (level: string, destination?: DestinationStream): Logger =>
  pino(
    { level, base: null, timestamp: () => `,"time":"${new Date().toISOString()}"` },
    destination ?? pino.destination({ dest: 2, sync: true }),
  );

/** Takes out what looks like a JSON Web Token: a client that puts one in a path or a name shall not find it in the log. */
export const withoutTokens = (text: string): string => text.replace(/eyJ[\w-]*(?:\.[\w-]*){2,4}/g, '[token]');

/** Logs an error at its table's level, with its cause where it is worth a stack. */
export const logError = (
  logger: Logger,
  error: ContrailError,
  message: string,
  fields: Readonly<Record<string, string>> = {},
): void => {
  const { log } = error.row;
  if (!logger.isLevelEnabled(log)) return;
  const cause = error.cause instanceof Error && log === 'error' ? { cause: error.cause.stack ?? '' } : {};
  const clean = Object.entries({ ...fields, code: error.code, detail: error.detail, ...cause }).map(
    ([key, value]) => [key, withoutTokens(value)] as const,
  );
  logger[log](Object.fromEntries(clean), message);
};
