// Whole numbers from 0 to 2^53 - 1 as lib0's varints: seven bits a byte, the lowest first.

/** How many bytes it takes. */
export const varUintSize = (value: number): number => {
  let size = 1;
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) size += 1;
  return size;
};

/** Writes a varint and answers where it ends. */
export const writeVarUint = (target: Uint8Array, from: number, value: number): number => {
  let at = from;
  let rest = value;
  while (rest >= 0x80) {
    target[at] = (rest % 0x80) | 0x80;
    rest = Math.floor(rest / 0x80);
    at += 1;
  }
  target[at] = rest;
  return at + 1;
};

/** Several, one behind the other. */
export const encodeVarUints = (values: readonly number[]): Uint8Array => {
  const bytes = new Uint8Array(values.reduce((size, value) => size + varUintSize(value), 0));
  let at = 0;
  for (const value of values) at = writeVarUint(bytes, at, value);
  return bytes;
};
