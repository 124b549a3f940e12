// A person at a ProseMirror editor bound to a document by y-prosemirror, with cursors, and a stock provider (editor-person.mjs).
//   node test/support/prosemirror-client.mjs <wsUrl> <documentId> <user>

import './page.mjs';
import { obey, openDocument } from './editor-person.mjs';

const { schema } = await import('prosemirror-schema-basic');
const { EditorState, TextSelection } = await import('prosemirror-state');
const { EditorView } = await import('prosemirror-view');
const { absolutePositionToRelativePosition, relativePositionToAbsolutePosition, ySyncPlugin, ySyncPluginKey } =
  await import('y-prosemirror');

const { doc } = await openDocument();
const fragment = doc.getXmlFragment('content');
const place = document.createElement('div');
document.body.append(place);
const view = new EditorView(place, { state: EditorState.create({ schema, plugins: [ySyncPlugin(fragment)] }) });
// The binding shows the document in a turn of its own.
await new Promise((resolve) => setTimeout(resolve, 0));
let mark = null;

const mapping = () => ySyncPluginKey.getState(view.state).binding.mapping;
const textBefore = (at) => view.state.doc.textBetween(0, Math.max(0, at), '\n');
const content = () => view.state.doc.textBetween(0, view.state.doc.content.size, '\n');

obey({
  /** Types letter by letter at the cursor, with a pause after each. */
  async type({ text, pauseMs }) {
    for (const letter of text) {
      view.dispatch(view.state.tr.insertText(letter));
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  },
  /** Puts the cursor behind the first occurrence. */
  cursor({ behind }) {
    let found = -1;
    view.state.doc.descendants((node, at) => {
      const index = node.isText ? node.text.indexOf(behind) : -1;
      if (found < 0 && index >= 0) found = at + index + behind.length;
    });
    if (found < 0) throw new Error(`there is no "${behind}" in ${content()}`);
    view.dispatch(view.state.tr.setSelection(TextSelection.create(view.state.doc, found)));
    // As the binding tells it to others, but on the letter before it, which stays whatever is typed.
    mark = absolutePositionToRelativePosition(found - 1, fragment, mapping());
  },
  /** What stands before the cursor, in the editor and at the relative position made when it was put there. */
  look() {
    const at = mark === null ? 0 : (relativePositionToAbsolutePosition(doc, fragment, mark, mapping()) ?? -1);
    return {
      content: content(),
      shared: fragment.toString(),
      before: textBefore(view.state.selection.head),
      marked: textBefore(at + 1),
    };
  },
});
