// A schema's findings as one `bad-request` that lists every fault: for requests (request-check.ts), and for what embedding code hands in.

import type { z } from '@hono/zod-openapi';
import { ContrailError, type Fault } from '../model/errors.js';

type Found = { readonly issues: readonly z.core.$ZodIssue[] };

/** A body may hold millions of faults; nobody reads on after these. */
const maxFaults = 1_000;
const maxShown = 10;

/** `pointer` says where a path is to the caller. */
export const faultsOf = ({ issues }: Found, pointer: (path: readonly PropertyKey[]) => string): readonly Fault[] =>
  issues.slice(0, maxFaults).flatMap((issue): Fault[] => {
    if (issue.code === 'unrecognized_keys')
      return issue.keys.slice(0, maxFaults).map((key) => ({
        at: pointer([...issue.path, key]),
        detail: 'is not known here',
      }));
    return [{ at: pointer(issue.path), detail: issue.message }];
  });

export const badRequest = (found: readonly Fault[]): ContrailError => {
  const faults = found.slice(0, maxFaults).map(({ at, detail }) => ({ at: at.toWellFormed().slice(0, 300), detail }));
  const shown = faults.slice(0, maxShown).map(({ at, detail }) => `${at}: ${detail}`);
  const more = found.length > maxShown ? [`and ${found.length - maxShown} more`] : [];
  return new ContrailError('bad-request', [...shown, ...more].join('; '), { faults });
};

/** The value as the schema has it. Throws `bad-request` with every fault. */
export const checked = <Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> => {
  const result = schema.safeParse(value);
  if (!result.success) throw badRequest(faultsOf(result.error, (path) => `/${path.map(String).join('/')}`));
  return result.data;
};
