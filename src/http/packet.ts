// RFC 6455 framing of a binary message from a server: final, unmasked, never compressed. Done here once per message, so that the same bytes
// go to every connection of a room.

/** A message may come in two parts, so that joining them and framing them is one copy. */
export const packBinary = (message: Uint8Array, rest?: Uint8Array): Uint8Array => {
  const length = message.length + (rest?.length ?? 0);
  const head = length < 126 ? 2 : length < 65_536 ? 4 : 10;
  const packet = Buffer.allocUnsafe(head + length);
  packet[0] = 0x82;
  if (head === 2) packet[1] = length;
  else if (head === 4) {
    packet[1] = 126;
    packet.writeUInt16BE(length, 2);
  } else {
    packet[1] = 127;
    packet.writeUInt32BE(Math.floor(length / 0x1_0000_0000), 2);
    packet.writeUInt32BE(length >>> 0, 6);
  }
  packet.set(message, head);
  if (rest) packet.set(rest, head + message.length);
  return packet;
};
