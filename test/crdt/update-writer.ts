// Writes Yjs V1 updates byte by byte, right or wrong: what tests of the gate send as mallory.

import type { Id } from '../../src/crdt/update-structs.js';

export const varUint = (value: number): number[] => {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  bytes.push(rest);
  return bytes;
};

export const text = (value: string): number[] => {
  const bytes = Buffer.from(value);
  return [...varUint(bytes.length), ...bytes];
};

export interface WrittenStruct {
  readonly kind: number;
  readonly origin?: Id | null;
  readonly rightOrigin?: Id | null;
  readonly parent?: string | Id;
  readonly key?: string | null;
  /** As it stands behind the parent. */
  readonly content: readonly number[];
}

export interface WrittenSection {
  readonly client: number;
  readonly clock: number;
  readonly structs: readonly WrittenStruct[];
}

export interface WrittenDeletes {
  readonly client: number;
  readonly ranges: readonly (readonly [clock: number, length: number])[];
}

const writeId = ({ client, clock }: Id): number[] => [...varUint(client), ...varUint(clock)];

const writeStruct = (struct: WrittenStruct): number[] => {
  const { kind, origin, rightOrigin, parent = 'text', key, content } = struct;
  if (kind === 0) return [0, ...content];
  const bytes = [kind | (origin ? 0x80 : 0) | (rightOrigin ? 0x40 : 0) | (typeof key === 'string' ? 0x20 : 0)];
  if (origin) bytes.push(...writeId(origin));
  if (rightOrigin) bytes.push(...writeId(rightOrigin));
  if (!origin && !rightOrigin) {
    if (typeof parent === 'string') bytes.push(1, ...text(parent));
    else bytes.push(0, ...writeId(parent));
    if (typeof key === 'string') bytes.push(...text(key));
  }
  bytes.push(...content);
  return bytes;
};

export const writeUpdate = (
  sections: readonly WrittenSection[],
  deletes: readonly WrittenDeletes[] = [],
): Uint8Array => {
  const bytes: number[] = varUint(sections.length);
  const add = (more: readonly number[]) => {
    for (const byte of more) bytes.push(byte);
  };
  for (const { client, clock, structs } of sections) {
    add([...varUint(structs.length), ...varUint(client), ...varUint(clock)]);
    for (const struct of structs) add(writeStruct(struct));
  }
  add(varUint(deletes.length));
  for (const { client, ranges } of deletes) {
    add([...varUint(client), ...varUint(ranges.length)]);
    for (const [clock, length] of ranges) add([...varUint(clock), ...varUint(length)]);
  }
  return Uint8Array.from(bytes);
};
