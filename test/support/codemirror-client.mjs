// A person at a CodeMirror editor bound to a document by y-codemirror.next and a stock provider, in a process of its own: what an editor
// needs of a browser would be in the way of other tests (editor-person.mjs).
//   node test/support/codemirror-client.mjs <wsUrl> <documentId> <user>

import './page.mjs';
import { obey, openDocument } from './editor-person.mjs';

const Y = await import('yjs');
const { EditorState } = await import('@codemirror/state');
const { EditorView } = await import('@codemirror/view');
const { yCollab } = await import('y-codemirror.next');

const { doc, provider } = await openDocument();
const text = doc.getText('content');
const state = EditorState.create({ doc: text.toString(), extensions: [yCollab(text, provider.awareness)] });
const view = new EditorView({ state, parent: document.body });
const marks = new Map();

obey({
  /** Types letter by letter at the cursor, with a pause after each. */
  async type({ text: letters, pauseMs }) {
    for (const letter of letters) {
      const { head } = view.state.selection.main;
      view.dispatch({
        changes: { from: head, insert: letter },
        selection: { anchor: head + 1 },
        userEvent: 'input.type',
      });
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  },
  /** Puts the cursor behind the first occurrence. */
  cursor({ behind }) {
    const at = view.state.doc.toString().indexOf(behind);
    if (at < 0) throw new Error(`there is no "${behind}"`);
    const anchor = at + behind.length;
    view.dispatch({ selection: { anchor } });
    // As the binding tells it to others.
    marks.set('cursor', Y.createRelativePositionFromTypeIndex(text, anchor, -1));
  },
  /** What stands before the cursor, in the editor and at the relative position made when it was put there. */
  look() {
    const content = view.state.doc.toString();
    const mark = marks.get('cursor');
    const at = mark ? (Y.createAbsolutePositionFromRelativePosition(mark, doc)?.index ?? -1) : -1;
    return {
      content,
      shared: text.toString(),
      before: content.slice(0, view.state.selection.main.head),
      marked: content.slice(0, at),
    };
  },
});
