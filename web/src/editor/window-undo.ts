// The open editor's own undo (a Y.UndoManager in this window), so that the toolbar can reach it.

import { signal } from '@preact/signals';

export interface WindowUndo {
  readonly undo: () => void;
  readonly redo: () => void;
}

export const windowUndo = signal<WindowUndo | null>(null);
