// How often the event loop comes round while something is worked at: what others get to do meanwhile.

/** Resolves with the number of turns once `work` is done. */
export const turnsDuring = async (work: () => Promise<unknown>): Promise<number> => {
  let turns = 0;
  let over = false;
  const count = (): void => {
    turns += 1;
    if (!over) setImmediate(count);
  };
  setImmediate(count);
  try {
    await work();
    return turns;
  } finally {
    over = true;
  }
};
