// Reads the structs of an encoded state one at a time, as the objects that Yjs works with. Yjs reads them all in one go or while it applies them,
// and for a large document either takes so long that nobody else is served meanwhile.
//
// The layout is that of Yjs' V1 encoding; how numbers, texts and values are read is left to Yjs' own decoder.

import { createDecoder, readVarUint } from 'lib0/decoding';
import * as Y from 'yjs';
import { hasKey, hasOrigin, hasRightOrigin, kinds, skip } from './update-structs.js';

export type Struct = Y.Item | Y.GC;
export type DeleteSet = ReturnType<typeof Y.createDeleteSet>;

const kindOf = 0b11111;

export class StateReader {
  readonly #state: Uint8Array;
  readonly #decoder: Y.UpdateDecoderV1;
  /** How many clients have not begun. */
  #clients: number;
  /** How many structs of the client at hand are left. */
  #left = 0;
  #client = 0;
  #clock = 0;

  constructor(state: Uint8Array) {
    this.#state = state;
    this.#decoder = new Y.UpdateDecoderV1(createDecoder(state));
    this.#clients = readVarUint(this.#decoder.restDecoder);
  }

  /** The next struct, `null` behind the last. Throws when the bytes are none. */
  next(): Struct | Y.Skip | null {
    while (this.#left === 0) {
      if (this.#clients === 0) return null;
      this.#clients -= 1;
      this.#left = readVarUint(this.#decoder.restDecoder);
      this.#client = this.#decoder.readClient();
      this.#clock = readVarUint(this.#decoder.restDecoder);
    }
    this.#left -= 1;
    const struct = this.#read(Y.createID(this.#client, this.#clock));
    this.#clock += struct.length;
    return struct;
  }

  /** What the state says is deleted. Call it once, behind the last struct. */
  deletes(): DeleteSet {
    // An update without structs, so that Yjs reads the rest.
    const rest = this.#state.subarray(this.#decoder.restDecoder.pos);
    return Y.decodeUpdate(Buffer.concat([new Uint8Array([0]), rest])).ds;
  }

  #read(id: Y.ID): Struct | Y.Skip {
    const decoder = this.#decoder;
    const info = decoder.readInfo();
    if (info === skip) return new Y.Skip(id, readVarUint(decoder.restDecoder));
    if ((info & kindOf) === kinds.gc) return new Y.GC(id, decoder.readLen());
    const origin = (info & hasOrigin) === 0 ? null : decoder.readLeftID();
    const rightOrigin = (info & hasRightOrigin) === 0 ? null : decoder.readRightID();
    let parent: string | Y.ID | null = null;
    let key: string | null = null;
    if (origin === null && rightOrigin === null) {
      parent = decoder.readParentInfo() ? decoder.readString() : decoder.readLeftID();
      if ((info & hasKey) !== 0) key = decoder.readString();
    }
    // Yjs keeps a parent that it has not looked up yet as its name or id.
    const unresolved = parent as unknown as Y.ID;
    return new Y.Item(id, null, origin, null, rightOrigin, unresolved, key, readContent(decoder, info & kindOf));
  }
}

const readContent = (decoder: Y.UpdateDecoderV1, kind: number): Y.Item['content'] => {
  switch (kind) {
    case kinds.deleted:
      return new Y.ContentDeleted(decoder.readLen());
    case kinds.json:
      return new Y.ContentJSON(readSeveral(decoder, () => parsedLegacy(decoder.readString())));
    case kinds.binary:
      return new Y.ContentBinary(decoder.readBuf());
    case kinds.string:
      return new Y.ContentString(decoder.readString());
    case kinds.embed:
      return new Y.ContentEmbed(decoder.readJSON());
    case kinds.format:
      return new Y.ContentFormat(decoder.readKey(), decoder.readJSON());
    case kinds.type:
      return new Y.ContentType(readType(decoder));
    case kinds.any:
      return new Y.ContentAny(readSeveral(decoder, () => decoder.readAny()));
    case kinds.subdocument:
      return new Y.ContentDoc(subdocument(decoder.readString(), decoder.readAny()));
    default:
      throw new Error(`The state has content of the unknown kind ${kind}.`);
  }
};

const readSeveral = <Value>(decoder: Y.UpdateDecoderV1, read: () => Value): Value[] => {
  const values: Value[] = [];
  for (let left = decoder.readLen(); left > 0; left -= 1) values.push(read());
  return values;
};

const parsedLegacy = (text: string): unknown => (text === 'undefined' ? undefined : JSON.parse(text));

const readType = (decoder: Y.UpdateDecoderV1): ConstructorParameters<typeof Y.ContentType>[0] => {
  const kind = decoder.readTypeRef();
  switch (kind) {
    case 0:
      return new Y.Array();
    case 1:
      return new Y.Map();
    case 2:
      return new Y.Text();
    case 3:
      return new Y.XmlElement(decoder.readKey());
    case 4:
      return new Y.XmlFragment();
    case 5:
      return new Y.XmlHook(decoder.readKey());
    case 6:
      return new Y.XmlText();
    default:
      throw new Error(`The state has a shared type of the unknown kind ${kind}.`);
  }
};

const subdocument = (guid: string, options: Record<string, unknown>): Y.Doc =>
  new Y.Doc({ guid, ...options, shouldLoad: Boolean(options['shouldLoad'] || options['autoLoad']) });
