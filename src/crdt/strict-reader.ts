// Reads the varint format of lib0 strictly: minimal varints, lengths checked before use, valid UTF-8, JSON of bounded depth.
// Every fault is a ContrailError with a rule that tests can name; nothing is allocated on the word of a length.
// It knows neither frames (protocol.ts) nor updates (update-parser.ts).

import { ContrailError, type ErrorCode } from '../model/errors.js';

/** Faults any strictly read bytes can have; the readers on top add their own. */
export const readRules = ['truncated', 'varint', 'number-range', 'utf8', 'json', 'too-deep', 'trailing-bytes'] as const;
export type ReadRule = (typeof readRules)[number];

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

export class StrictReader<Rule extends string = ReadRule> {
  readonly bytes: Uint8Array;
  /** The next byte to read, and where reading must end. */
  at: number;
  end: number;
  readonly #code: ErrorCode;

  constructor(bytes: Uint8Array, code: ErrorCode) {
    this.bytes = bytes;
    this.at = 0;
    this.end = bytes.length;
    this.#code = code;
  }

  fail(rule: Rule | ReadRule, detail: string): never {
    throw new ContrailError(this.#code, detail, { extra: { rule } });
  }

  uint8(): number {
    const value = this.at < this.end ? this.bytes[this.at] : undefined;
    if (value === undefined) this.fail('truncated', `The bytes end at ${this.end}, where one more was expected.`);
    this.at += 1;
    return value;
  }

  /** A varint below `limit`, which is at most 2^53. */
  varUint(limit: number): number {
    const first = this.uint8();
    if (first < 0x80) {
      if (first >= limit) this.fail('number-range', `The number at byte ${this.at - 1} is not below ${limit}.`);
      return first;
    }
    let value = first & 0x7f;
    let factor = 0x80;
    for (;;) {
      const byte = this.uint8();
      value += (byte & 0x7f) * factor;
      if (byte === 0) this.fail('varint', `The varint that ends at byte ${this.at - 1} is not minimal.`);
      if (value >= limit)
        this.fail('number-range', `The number that ends at byte ${this.at - 1} is not below ${limit}.`);
      if (byte < 0x80) return value;
      factor *= 0x80;
    }
  }

  /** A count of things that take at least `bytesEach`, so that a wrong one is found before anything is done for it. */
  count(bytesEach: number): number {
    const value = this.varUint(0x8000_0000);
    if (value * bytesEach > this.end - this.at) {
      this.fail('truncated', `${value} entries are announced at byte ${this.at}, more than the bytes can hold.`);
    }
    return value;
  }

  /** Reads a length and steps over that many bytes; answers where they begin. They end at `at`. */
  skipBlock(): number {
    const length = this.count(1);
    const from = this.at;
    this.at += length;
    return from;
  }

  block(): Uint8Array {
    return this.bytes.subarray(this.skipBlock(), this.at);
  }

  /** Steps over a string and answers its length in UTF-16 units, as Yjs counts. */
  skipString(): number {
    const from = this.skipBlock();
    const length = utf16Length(this.bytes, from, this.at);
    if (length < 0) this.fail('utf8', `The string at byte ${from} is not valid UTF-8.`);
    return length;
  }

  string(): string {
    const from = this.skipBlock();
    // Names and keys are short, and for a few ASCII bytes this is several times faster than the decoder.
    if (this.at - from <= 16) {
      let text = '';
      for (let at = from; at < this.at; at += 1) {
        const byte = this.bytes[at] ?? 0;
        if (byte >= 0x80) return this.#decode(from);
        text += String.fromCharCode(byte);
      }
      return text;
    }
    return this.#decode(from);
  }

  /** A string that is JSON at most `maxDepth` levels deep. */
  json(maxDepth: number): string {
    const from = this.at;
    const text = this.string();
    if (jsonDepth(text) > maxDepth)
      this.fail('too-deep', `The JSON at byte ${from} is more than ${maxDepth} levels deep.`);
    if (!isJson(text)) this.fail('json', `The string at byte ${from} is not JSON.`);
    return text;
  }

  /** Everything must have been read. */
  finish(): void {
    if (this.at !== this.end)
      this.fail('trailing-bytes', `${this.end - this.at} bytes follow where the message should end.`);
  }

  #decode(from: number): string {
    try {
      return decoder.decode(this.bytes.subarray(from, this.at));
    } catch {
      this.fail('utf8', `The string at byte ${from} is not valid UTF-8.`);
    }
  }
}

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

/** How deep arrays and objects nest in a JSON text, without recursion. Of a text that is not JSON it is an upper bound. */
export const jsonDepth = (text: string): number => {
  let depth = 0;
  let deepest = 0;
  let inString = false;
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (inString) {
      if (unit === 0x5c /* \ */) at += 1;
      else if (unit === 0x22 /* " */) inString = false;
    } else if (unit === 0x22) inString = true;
    else if (unit === 0x5b /* [ */ || unit === 0x7b /* { */) {
      depth += 1;
      if (depth > deepest) deepest = depth;
    } else if (unit === 0x5d /* ] */ || unit === 0x7d /* } */) depth -= 1;
  }
  return deepest;
};

const isTail = (byte: number | undefined): boolean => byte !== undefined && (byte & 0xc0) === 0x80;

/** The UTF-16 length of UTF-8 bytes, or -1 where TextDecoder's fatal mode would refuse them (RFC 3629, table 3-7 of Unicode). */
export const utf16Length = (bytes: Uint8Array, from: number, to: number): number => {
  let length = 0;
  let at = from;
  while (at < to) {
    const lead = bytes[at] ?? 0;
    let tails: number;
    if (lead < 0x80) tails = 0;
    else if (lead < 0xc2) return -1;
    else if (lead < 0xe0) tails = 1;
    else if (lead < 0xf0) tails = 2;
    else if (lead < 0xf5) tails = 3;
    else return -1;
    if (at + tails >= to) return -1;
    if (tails > 0) {
      const second = bytes[at + 1] ?? 0;
      if (!isTail(second)) return -1;
      if ((lead === 0xe0 && second < 0xa0) || (lead === 0xed && second > 0x9f)) return -1;
      if ((lead === 0xf0 && second < 0x90) || (lead === 0xf4 && second > 0x8f)) return -1;
      if (tails > 1 && !isTail(bytes[at + 2])) return -1;
      if (tails > 2 && !isTail(bytes[at + 3])) return -1;
    }
    length += tails === 3 ? 2 : 1;
    at += tails + 1;
  }
  return length;
};
