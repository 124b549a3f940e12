// A schema's findings as one `bad-request` that lists every fault: for requests (app.ts), and for what embedding code hands in.

import type { z } from '@hono/zod-openapi';
import { ContrailError, type Fault } from '../model/errors.js';

type Found = { readonly issues: readonly z.core.$ZodIssue[] };

/** `pointer` says where a path is to the caller. */
export const badRequest = ({ issues }: Found, pointer: (path: readonly PropertyKey[]) => string): ContrailError => {
  const faults = issues.flatMap((issue): Fault[] => {
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => ({ at: pointer([...issue.path, key]), detail: 'is not known here' }));
    return [{ at: pointer(issue.path), detail: issue.message }];
  });
  return new ContrailError('bad-request', faults.map(({ at, detail }) => `${at}: ${detail}`).join('; '), { faults });
};

/** The value as the schema has it. Throws `bad-request` with every fault. */
export const checked = <Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> => {
  const result = schema.safeParse(value);
  if (!result.success) throw badRequest(result.error, (path) => `/${path.map(String).join('/')}`);
  return result.data;
};
