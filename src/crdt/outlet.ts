// What a room needs of a connection: a way out. http/ stands behind it with a WebSocket; tests stand behind it with an array.

import type { ContrailError } from '../model/errors.js';

/** A message in its transport frame, ready for the socket. Made once and handed to every connection. */
export type Packet = Uint8Array;
/** Puts one message of the wire protocol into its transport frame; its second part, if it has one, is appended on the way. */
export type Pack = (message: Uint8Array, rest?: Uint8Array) => Packet;

export interface Outlet {
  /** Queues a packet, whatever is queued already: answers and notices. */
  send(packet: Packet): void;
  /** Queues a live packet; `false`, and not queued, when the consumer is behind. The connection calls `Session.drained` once it has caught up. */
  offer(packet: Packet): boolean;
  /** Ends the connection with the error's close code. */
  close(error: ContrailError): void;
}
