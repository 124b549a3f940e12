// ProseMirror on the XML fragment `content`, with y-prosemirror.

import { useSignalEffect } from '@preact/signals';
import { useEffect, useRef, useState } from 'preact/hooks';
import { baseKeymap } from 'prosemirror-commands';
import { keymap } from 'prosemirror-keymap';
import type { Node } from 'prosemirror-model';
import { EditorState } from 'prosemirror-state';
import { EditorView } from 'prosemirror-view';
import { redo, undo, yCursorPlugin, ySyncPlugin, yUndoPlugin } from 'y-prosemirror';
import type { Connection } from '../model/connection.js';
import { contentName } from '../model/documents.js';
import { richKeys, richRules } from './rich-keys.js';
import { richSchema } from './rich-schema.js';
import { RichToolbar } from './rich-toolbar.js';
import { windowUndo } from './window-undo.js';
import 'prosemirror-view/style/prosemirror.css';

export const RichEditor = ({ connection }: { connection: Connection }) => {
  const place = useRef<HTMLDivElement>(null);
  const [view, setView] = useState<EditorView | null>(null);
  // Marks and blocks under the cursor are shown in the toolbar: it is drawn again with every transaction.
  const [, redraw] = useState(0);

  useEffect(() => {
    if (!place.current) return;
    const fragment = connection.doc.getXmlFragment(contentName);
    const editor = new EditorView(place.current, {
      state: EditorState.create({
        schema: richSchema,
        plugins: [
          ySyncPlugin(fragment),
          yCursorPlugin(connection.provider.awareness, { cursorBuilder: caret, selectionBuilder: selection }),
          yUndoPlugin(),
          richRules(richSchema),
          keymap({ 'Mod-z': undo, 'Mod-y': redo, 'Mod-Shift-z': redo }),
          keymap(richKeys(richSchema)),
          keymap(baseKeymap),
        ],
      }),
      attributes: { 'aria-label': 'Document text', role: 'textbox', 'aria-multiline': 'true' },
      editable: () => connection.mayEdit.peek() && connection.lockedBy.peek() === null,
      // The binding dispatches while the view is still being made, so there is only `this`.
      dispatchTransaction(this: EditorView, transaction) {
        this.updateState(this.state.apply(transaction));
        redraw((count) => count + 1);
      },
    });
    setView(editor);
    windowUndo.value = { undo: () => undo(editor.state), redo: () => redo(editor.state) };
    editor.focus();
    return () => {
      windowUndo.value = null;
      setView(null);
      editor.destroy();
      connection.provider.awareness.setLocalStateField('cursor', null);
    };
  }, [connection]);

  useSignalEffect(() => {
    connection.mayEdit.value;
    connection.lockedBy.value;
    view?.setProps({});
  });

  return (
    <div class={`rich-editor${view && isEmpty(view.state.doc) ? ' rich-empty' : ''}`}>
      {view?.editable && <RichToolbar view={view} />}
      <div class="rich-text" ref={place} />
    </div>
  );
};

const isEmpty = (doc: Node): boolean =>
  doc.childCount <= 1 && doc.textContent === '' && doc.firstChild?.isTextblock !== false;

interface CursorUser {
  readonly name?: string;
  readonly color?: string;
}

const safeColour = (colour: string | undefined): string =>
  /^#[0-9a-f]{6}$/i.test(colour ?? '') ? String(colour) : '#5b6472';

const caret = ({ name, color }: CursorUser): HTMLElement => {
  const cursor = document.createElement('span');
  cursor.className = 'ProseMirror-yjs-cursor';
  cursor.style.borderColor = safeColour(color);
  const label = document.createElement('span');
  label.className = 'cursor-name';
  label.style.background = safeColour(color);
  label.textContent = name ?? 'somebody';
  // Word joiners keep the cursor from being a place to break the line.
  cursor.append('\u2060', label, '\u2060');
  return cursor;
};

const selection = ({ color }: CursorUser) => ({
  style: `background-color: ${safeColour(color)}33`,
  class: 'ProseMirror-yjs-selection',
});
