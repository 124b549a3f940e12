// The frames of y-protocols, written and read with as little work as possible: the load must not be what is measured.
// Frames of Hocuspocus are the same after a prefix, the document's name.

import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';

const frameType = { sync: 0, awareness: 1, auth: 2, syncReply: 4 };
const syncType = { step1: 0, step2: 1, update: 2 };
const authToken = 0;
const none = new Uint8Array(0);
const emptyUpdate = Uint8Array.of(0, 0);
export const emptyStateVector = Uint8Array.of(0);

const frame = (prefix, write) =>
  encoding.encode((encoder) => {
    encoding.writeUint8Array(encoder, prefix);
    write(encoder);
  });

const syncFrame = (prefix, kind, bytes) =>
  frame(prefix, (encoder) => {
    encoding.writeVarUint(encoder, frameType.sync);
    encoding.writeVarUint(encoder, kind);
    encoding.writeVarUint8Array(encoder, bytes);
  });

/** What a target puts before each frame of a room. */
export const prefixOf = (target, room) =>
  target.namesDocumentInFrames ? encoding.encode((encoder) => encoding.writeVarString(encoder, room)) : none;

export const step1Frame = (prefix, stateVector) => syncFrame(prefix, syncType.step1, stateVector);
export const emptyStep2Frame = (prefix) => syncFrame(prefix, syncType.step2, emptyUpdate);
export const updateFrame = (prefix, update) => syncFrame(prefix, syncType.update, update);

export const authFrame = (prefix) =>
  frame(prefix, (encoder) => {
    encoding.writeVarUint(encoder, frameType.auth);
    encoding.writeVarUint(encoder, authToken);
    encoding.writeVarString(encoder, '');
  });

/** One client's awareness state, `json` its text. */
export const awarenessFrame = (prefix, { clientId, clock, json }) =>
  frame(prefix, (encoder) => {
    encoding.writeVarUint(encoder, frameType.awareness);
    encoding.writeVarUint8Array(
      encoder,
      encoding.encode((inner) => {
        encoding.writeVarUint(inner, 1);
        encoding.writeVarUint(inner, clientId);
        encoding.writeVarUint(inner, clock);
        encoding.writeVarString(inner, json);
      }),
    );
  });

/**
 * Reads one frame and calls what it is: step1(), step2(update), update(update), awareness(body).
 * Other types (Hocuspocus's acknowledgements, its auth answer) are passed over.
 */
export const readFrame = (bytes, prefixLength, handlers) => {
  const decoder = decoding.createDecoder(bytes);
  decoder.pos = prefixLength;
  const type = decoding.readVarUint(decoder);
  if (type === frameType.awareness) {
    handlers.awareness(decoding.readVarUint8Array(decoder));
    return;
  }
  if (type !== frameType.sync && type !== frameType.syncReply) return;
  const kind = decoding.readVarUint(decoder);
  if (kind === syncType.step1) handlers.step1();
  else if (kind === syncType.step2) handlers.step2(decoding.readVarUint8Array(decoder));
  else handlers.update(decoding.readVarUint8Array(decoder));
};

/** Calls `each(clientId, clock)` for every state of an awareness update, without reading the states themselves. */
export const readAwarenessClocks = (body, each) => {
  const decoder = decoding.createDecoder(body);
  let count = decoding.readVarUint(decoder);
  for (; count > 0; count -= 1) {
    const clientId = decoding.readVarUint(decoder);
    const clock = decoding.readVarUint(decoder);
    const length = decoding.readVarUint(decoder);
    decoder.pos += length;
    each(clientId, clock);
  }
};
