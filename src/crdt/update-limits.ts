// How much one update may ask for: read by the parser (update-parser.ts) and by the gate (gate.ts).

export interface UpdateLimits {
  readonly maxStructs: number;
  readonly maxDeleteRanges: number;
  /** Client ids that write, and client ids of which something is deleted: as many as a state vector may name. Each is looked up. */
  readonly maxClients: number;
  /** Of any-values and of JSON in embeds and formats. */
  readonly maxValueDepth: number;
  /** Types nested in one another, the outermost counted as 1. */
  readonly maxTypeDepth: number;
  readonly maxNewTypes: number;
  /** Names of shared types the document may have once the update is in, and the bytes of each. */
  readonly maxRootNames: number;
  readonly maxRootNameBytes: number;
  /** Clocks that one update may add, over all of its clients. */
  readonly maxGrowth: number;
  /** Items looked at to find the places of new ones: what bounds quadratic attacks. Two million take about 50 ms. */
  readonly maxSteps: number;
  /** Content kind 2, which Yjs before 13.0 wrote. */
  readonly legacyJson: boolean;
  /** Content kind 9. */
  readonly subdocuments: boolean;
  /**
   * Whether origins that cross or stand in the wrong order are repaired rather than refused: an accepted verdict may then hold
   * `repaired` bytes, and *those* must be applied. Yjs' own undo makes such origins now and then (origin-repair.ts).
   */
  readonly repairOrigins: boolean;
}

/** What an editor sends while it is connected. */
export const liveUpdateLimits: UpdateLimits = {
  maxStructs: 4_096,
  maxDeleteRanges: 100_000,
  maxClients: 100_000,
  maxValueDepth: 64,
  maxTypeDepth: 128,
  maxNewTypes: 1_000,
  maxRootNames: 256,
  maxRootNameBytes: 128,
  maxGrowth: 2 ** 24,
  maxSteps: 2_000_000,
  legacyJson: false,
  subdocuments: false,
  repairOrigins: false,
};

/** What a client brings with it: a document written offline, or its whole delete set. */
export const syncUpdateLimits: UpdateLimits = {
  ...liveUpdateLimits,
  maxStructs: 1_000_000,
  maxDeleteRanges: 1_000_000,
  maxNewTypes: 1_000_000,
  maxSteps: 20_000_000,
};
