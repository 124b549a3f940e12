// Log lines: JSON, a fixed message, values in fields. Never payloads, tokens or query strings; a healthy busy server is quiet.

import { type DestinationStream, type Logger, pino } from 'pino';
import type { ContrailError } from './model/errors.js';

export type { Logger } from 'pino';

export const createLogger = (level: string, destination?: DestinationStream): Logger =>
  pino(
    { level, base: null, timestamp: () => `,"time":"${new Date().toISOString()}"` },
    destination ?? pino.destination({ dest: 2, sync: true }),
  );

/** Logs an error at its table's level, with its cause where it is worth a stack. */
export const logError = (
  logger: Logger,
  error: ContrailError,
  message: string,
  fields: Readonly<Record<string, string>> = {},
): void => {
  const { log } = error.row;
  const cause = error.cause instanceof Error && log === 'error' ? { cause: error.cause.stack } : {};
  logger[log]({ ...fields, code: error.code, detail: error.detail, ...cause }, message);
};
