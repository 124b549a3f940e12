// A person at a ProseMirror editor bound to a document by y-prosemirror, with cursors, and a stock provider; otherwise as codemirror-client.mjs.
//   node test/support/prosemirror-client.mjs <wsUrl> <documentId> <user>

import { Window } from 'happy-dom';
import { WebSocket as NodeWebSocket } from 'ws';

const window = new Window({ url: 'http://127.0.0.1/', width: 1024, height: 768 });
for (const name of Object.getOwnPropertyNames(window)) {
  if (!(name in globalThis) && !name.startsWith('_')) globalThis[name] = window[name];
}
Object.assign(globalThis, { window, document: window.document });
Object.defineProperty(globalThis, 'navigator', { value: window.navigator, configurable: true });
globalThis.MutationObserver = window.MutationObserver;
globalThis.getComputedStyle = window.getComputedStyle.bind(window);
globalThis.requestAnimationFrame = (task) => setTimeout(task, 0);
globalThis.cancelAnimationFrame = clearTimeout;
window.document.getSelection ??= () => window.getSelection();
Object.defineProperty(window.document, 'hasFocus', { value: () => true, configurable: true });

const Y = await import('yjs');
const { schema } = await import('prosemirror-schema-basic');
const { EditorState, TextSelection } = await import('prosemirror-state');
const { EditorView } = await import('prosemirror-view');
const { absolutePositionToRelativePosition, relativePositionToAbsolutePosition, ySyncPlugin, ySyncPluginKey } =
  await import('y-prosemirror');
const { WebsocketProvider } = await import('y-websocket');

const [wsUrl, documentId, user] = process.argv.slice(2);
const doc = new Y.Doc();
const fragment = doc.getXmlFragment('content');
const provider = new WebsocketProvider(wsUrl, documentId, doc, {
  WebSocketPolyfill: NodeWebSocket,
  disableBc: true,
  maxBackoffTime: 400,
  params: { user },
});
await new Promise((resolve) => provider.once('sync', resolve));
const place = document.createElement('div');
document.body.append(place);
const view = new EditorView(place, { state: EditorState.create({ schema, plugins: [ySyncPlugin(fragment)] }) });
// The binding shows the document in a turn of its own.
await new Promise((resolve) => setTimeout(resolve, 0));
let mark = null;

const mapping = () => ySyncPluginKey.getState(view.state).binding.mapping;
const textBefore = (at) => view.state.doc.textBetween(0, Math.max(0, at), '\n');
const content = () => view.state.doc.textBetween(0, view.state.doc.content.size, '\n');

const answers = {
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
};

process.on('message', async ({ id, do: what, ...given }) => {
  try {
    process.send({ id, ok: (await answers[what](given)) ?? null });
  } catch (error) {
    process.send({ id, error: error.stack });
  }
});
process.on('disconnect', () => process.exit(0));
process.send({ id: 0, ok: null });
