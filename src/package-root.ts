// Where the package lies: what it carries besides code (samples, the web application) is found from here.

import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const find = (from: string): string => {
  if (existsSync(join(from, 'package.json'))) return from;
  const parent = dirname(from);
  if (parent === from) throw new Error('package.json of contrail is missing');
  return find(parent);
};

export const packageRoot: string = find(dirname(fileURLToPath(import.meta.url)));

const { version } = JSON.parse(readFileSync(join(packageRoot, 'package.json'), 'utf8')) as { readonly version: string };
export const packageVersion = version;
