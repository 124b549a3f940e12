// Panels that open from a button and close by Escape, by a click elsewhere, or when focus leaves them.

import type { RefObject } from 'preact';
import { useEffect, useState } from 'preact/hooks';

export type Toggle = (open?: boolean) => void;

export const useToggle = (initially = false): readonly [boolean, Toggle] => {
  const [open, set] = useState(initially);
  return [open, (next) => set((now) => next ?? !now)];
};

export const useDismiss = (root: RefObject<HTMLElement | null>, open: boolean, toggle: Toggle): void => {
  useEffect(() => {
    if (!open) return;
    const outside = (event: Event): void => {
      if (event.target instanceof Node && !root.current?.contains(event.target)) toggle(false);
    };
    const key = (event: KeyboardEvent): void => {
      if (event.key !== 'Escape') return;
      toggle(false);
      root.current?.querySelector('button')?.focus();
    };
    addEventListener('pointerdown', outside);
    addEventListener('focusin', outside);
    addEventListener('keydown', key);
    return () => {
      removeEventListener('pointerdown', outside);
      removeEventListener('focusin', outside);
      removeEventListener('keydown', key);
    };
  }, [open]);
};
