// A colour for each person: the same one on their cursor, their text in the history, and their initials.

/** Dark enough that white letters on them reach 4.5:1. */
const palette = [
  '#7a4a35',
  '#5b49d6',
  '#0a7050',
  '#0b6f8a',
  '#b8420f',
  '#8a3ab9',
  '#b0186b',
  '#4d6a00',
  '#b3261e',
  '#1b57c4',
] as const;

const hash = (text: string): number => {
  let value = 2166136261;
  for (const letter of text) value = Math.imul(value ^ (letter.codePointAt(0) ?? 0), 16777619) >>> 0;
  return value;
};

export const colourOf = (userId: string): string => palette[hash(userId) % palette.length] ?? palette[0];

/** Colours for a group: each person's own, unless somebody earlier in the list has it already. */
export const coloursOf = (userIds: readonly string[]): ReadonlyMap<string, string> => {
  const taken = new Set<string>();
  const colours = new Map<string, string>();
  for (const id of userIds) {
    const own = colourOf(id);
    const colour = taken.has(own) ? (palette.find((other) => !taken.has(other)) ?? own) : own;
    taken.add(colour);
    colours.set(id, colour);
  }
  return colours;
};

export const initialsOf = (name: string): string => {
  const words = name.split(/[\s._@-]+/).filter(Boolean);
  const letters = words.length > 1 ? [words[0]?.[0], words.at(-1)?.[0]] : [words[0]?.[0]];
  return letters.join('').toUpperCase() || '?';
};
