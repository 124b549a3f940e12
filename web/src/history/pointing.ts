// Which piece of a past text is pointed at: by the pointer, or, once the text has the focus, by the arrow keys.

import { useState } from 'preact/hooks';

/** What is told of the piece. */
export interface Pointed {
  readonly actor: string;
  readonly at: string;
  readonly deed: 'wrote' | 'deleted';
}

export interface Pointing {
  readonly current: number | null;
  /** For the piece at that place in the order of the text. */
  readonly piece: (index: number, what: Pointed | null) => { readonly onPointerEnter: () => void };
  /** For the region around the pieces. */
  readonly region: {
    readonly onPointerLeave: () => void;
    readonly onKeyDown: (event: KeyboardEvent) => void;
  };
}

const steps: Readonly<Record<string, number>> = { ArrowRight: 1, ArrowLeft: -1 };

/** Pieces are numbered as they are drawn, from 0 on, and carry `data-piece`. */
export const usePointing = (onPoint: (what: Pointed | null) => void): Pointing => {
  const [current, setCurrent] = useState<number | null>(null);
  const pieces: (Pointed | null)[] = [];
  const moveTo = (index: number, region: EventTarget | null): void => {
    setCurrent(index);
    onPoint(pieces[index] ?? null);
    if (region instanceof HTMLElement)
      region.querySelector(`[data-piece="${index}"]`)?.scrollIntoView({ block: 'nearest' });
  };
  return {
    current,
    piece: (index, what) => {
      pieces[index] = what;
      return {
        onPointerEnter: () => {
          setCurrent(null);
          onPoint(what);
        },
      };
    },
    region: {
      onPointerLeave: () => onPoint(null),
      onKeyDown: (event) => {
        const step = steps[event.key];
        if (step === undefined || pieces.length === 0) return;
        event.preventDefault();
        const next = current === null ? (step > 0 ? 0 : pieces.length - 1) : current + step;
        moveTo(Math.max(0, Math.min(pieces.length - 1, next)), event.currentTarget);
      },
    },
  };
};
