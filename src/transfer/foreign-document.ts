// A document as another program keeps it: a name and the Yjs updates (V1) it consists of.

export interface ForeignDocument {
  /** As clients called it. */
  readonly name: string;
  readonly updates: readonly Uint8Array[];
}
