// Writes the varint format of Yjs updates, as lib0/encoding does. On its own because views are written once for each open inbox, and lib0 writes
// text byte by byte: what is written here is mostly short text.

import * as encoding from 'lib0/encoding';
import type { Json } from '../model/json.js';
import { writeVarUint } from './var-uint.js';

/** Of lib0's encoding of any value; it chooses among several for numbers, and is left to. */
const types = { array: 117, object: 118, text: 119, true: 120, false: 121, null: 126 } as const;
const utf8 = new TextEncoder();
/** Longer text is not worth a loop of our own. */
const shortText = 64;
const longestVarUint = 8;

export class UpdateWriter {
  #bytes = new Uint8Array(1024);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Forgets what was written and not taken. */
  begin(): void {
    this.#length = 0;
  }

  uint8(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#length] = value;
    this.#length += 1;
  }

  varUint(value: number): void {
    this.#reserve(longestVarUint);
    this.#length = writeVarUint(this.#bytes, this.#length, value);
  }

  text(value: string): void {
    if (value.length > shortText || !this.#asciiText(value)) this.#utf8Text(value);
  }

  /** A JSON value in lib0's "any" encoding. */
  any(value: Json): void {
    if (typeof value === 'string') {
      this.uint8(types.text);
      this.text(value);
    } else if (value === null) this.uint8(types.null);
    else if (typeof value === 'boolean') this.uint8(value ? types.true : types.false);
    else if (Array.isArray(value)) {
      this.uint8(types.array);
      this.varUint(value.length);
      for (const item of value) this.any(item);
    } else if (typeof value === 'object') {
      const members = Object.entries(value);
      this.uint8(types.object);
      this.varUint(members.length);
      for (const [name, member] of members) {
        this.text(name);
        this.any(member);
      }
    } else this.#append(encoding.encode((encoder) => encoding.writeAny(encoder, value)));
  }

  /** What was written since the last beginning, in bytes of its own. */
  take(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  /** False, with nothing written, when there are other characters than ASCII in it. */
  #asciiText(value: string): boolean {
    const { length } = value;
    this.#reserve(length + 1);
    const bytes = this.#bytes;
    const start = this.#length + 1;
    for (let index = 0; index < length; index += 1) {
      const code = value.charCodeAt(index);
      if (code > 0x7f) return false;
      bytes[start + index] = code;
    }
    bytes[start - 1] = length;
    this.#length = start + length;
    return true;
  }

  #utf8Text(value: string): void {
    const bytes = utf8.encode(value);
    this.varUint(bytes.length);
    this.#append(bytes);
  }

  #append(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(2 * this.#bytes.length, this.#length + more));
    grown.set(this.#bytes);
    this.#bytes = grown;
  }
}
