// What rooms have done since the start: integers that the way of an edit adds to, and that are read when somebody asks.

export class RoomCounts {
  /** Events that rooms took, edits above all, and bytes of the updates in them. */
  edits = 0;
  editBytes = 0;
  /** Edits handed to connections: one for each edit and connection. */
  editsSent = 0;
  /** Presence: frames that came from clients, and frames handed to connections. */
  awarenessReceived = 0;
  awarenessSent = 0;
}
