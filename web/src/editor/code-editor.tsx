// CodeMirror 6 on the Y.Text `content`, with y-codemirror.next: for code, Markdown and plain text.

import { defaultKeymap } from '@codemirror/commands';
import { bracketMatching, indentOnInput, syntaxHighlighting } from '@codemirror/language';
import { Compartment, EditorState, type Extension } from '@codemirror/state';
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers, placeholder } from '@codemirror/view';
import { useSignalEffect } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { yCollab, yUndoManagerKeymap } from 'y-codemirror.next';
import { UndoManager } from 'yjs';
import type { Connection } from '../model/connection.js';
import { contentName, type Kind } from '../model/documents.js';
import { codeColours, codeTheme } from './code-theme.js';
import { windowUndo } from './window-undo.js';

interface CodeEditorProps {
  readonly connection: Connection;
  readonly kind: Kind;
  /** Given beforehand: colours and sizes that came later would make the text jump. */
  readonly grammar: Extension;
}

export const CodeEditor = ({ connection, kind, grammar }: CodeEditorProps) => {
  const place = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const editable = useRef(new Compartment());

  useEffect(() => {
    if (!place.current) return;
    const text = connection.doc.getText(contentName);
    const undoManager = new UndoManager(text);
    const state = EditorState.create({
      doc: text.toString(),
      extensions: [
        keymap.of([...yUndoManagerKeymap, ...defaultKeymap]),
        editable.current.of(editing(mayType(connection))),
        EditorView.lineWrapping,
        EditorView.contentAttributes.of({ 'aria-label': 'Document text' }),
        drawSelection(),
        indentOnInput(),
        bracketMatching(),
        syntaxHighlighting(codeColours),
        codeTheme,
        grammar,
        placeholder('Start typing…'),
        kind === 'code' ? [lineNumbers(), highlightActiveLine()] : [],
        yCollab(text, connection.provider.awareness, { undoManager }),
      ],
    });
    const editor = new EditorView({ state, parent: place.current });
    view.current = editor;
    windowUndo.value = { undo: () => undoManager.undo(), redo: () => undoManager.redo() };
    if (mayType(connection)) editor.focus();
    return () => {
      windowUndo.value = null;
      view.current = null;
      editor.destroy();
      undoManager.destroy();
      connection.provider.awareness.setLocalStateField('cursor', null);
    };
  }, [connection, kind, grammar]);

  useSignalEffect(() => {
    const allowed = mayType(connection);
    view.current?.dispatch({ effects: editable.current.reconfigure(editing(allowed)) });
  });

  return <div class={`code-editor code-editor-${kind}`} ref={place} />;
};

const mayType = (connection: Connection): boolean => connection.mayEdit.value && connection.lockedBy.value === null;

/** Focus and selection stay possible for readers: a screen reader walks through the text by them. */
const editing = (allowed: boolean): Extension => [
  EditorState.readOnly.of(!allowed),
  EditorView.contentAttributes.of(allowed ? {} : { 'aria-readonly': 'true' }),
];
