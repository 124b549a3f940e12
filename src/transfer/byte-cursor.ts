// Reads LevelDB's integers and byte strings from front to back, and never past the end.

/** The files are not what they should be; the message says which and why. */
export class UnreadableSource extends Error {}

export class ByteCursor {
  readonly #bytes: Buffer;
  at: number;

  constructor(bytes: Buffer, at = 0) {
    this.#bytes = bytes;
    this.at = at;
  }

  get left(): number {
    return this.#bytes.length - this.at;
  }

  /** A LevelDB varint; beyond 2^53 there is no honest one. */
  varint(): number {
    let value = 0;
    for (let scale = 1; scale <= 2 ** 49; scale *= 128) {
      const byte = this.#bytes[this.at++];
      if (byte === undefined) throw new UnreadableSource('ends in the middle of a number');
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) {
        if (Number.isSafeInteger(value)) return value;
        break;
      }
    }
    throw new UnreadableSource('has a number that is too large');
  }

  bytes(length: number): Buffer {
    if (length > this.left) throw new UnreadableSource('ends in the middle of a value');
    const start = this.at;
    this.at += length;
    return this.#bytes.subarray(start, this.at);
  }

  /** Bytes behind their length. */
  prefixed(): Buffer {
    return this.bytes(this.varint());
  }
}
