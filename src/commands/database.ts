// The database that a command works on: where it is, and a complaint that helps when it is not there.

import { existsSync } from 'node:fs';
import { databaseFile } from '../log/sqlite-log.js';
import { type DocumentId, parseDocumentId } from '../model/ids.js';
import { type Invocation, notFound, parsed } from './command.js';

/** The database of the data folder. Throws `not-found`. */
export const existingDatabase = (invocation: Invocation): string => {
  const file = databaseFile(invocation.config.dataDir);
  if (existsSync(file)) return file;
  throw notFound(`There is no database at ${file}. --data or DATA_DIR say where it is.`);
};

export const documentIdOf = (text: string): DocumentId =>
  parsed(
    parseDocumentId(text),
    `"${text}" is no document id: 1 to 128 characters of A-Z a-z 0-9 . _ ~ : @ / -, without empty, "." or ".." segments.`,
  );
