// A person at a CodeMirror editor bound to a document by y-codemirror.next and a stock provider, in a process of its own: what an editor
// needs of a browser would be in the way of other tests. Told what to do over IPC: {id, do, …}; answers {id, ok}.
//   node test/support/codemirror-client.mjs <wsUrl> <documentId> <user>

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
const noRects = () => Object.assign([], { item: () => null });
for (const prototype of [window.Element.prototype, window.Range.prototype]) prototype.getClientRects ??= noRects;
window.Range.prototype.getBoundingClientRect ??= () => ({ top: 0, left: 0, right: 0, bottom: 0, width: 0, height: 0 });
// An unfocused page tells no cursors.
Object.defineProperty(window.document, 'hasFocus', { value: () => true, configurable: true });

const Y = await import('yjs');
const { EditorState } = await import('@codemirror/state');
const { EditorView } = await import('@codemirror/view');
const { yCollab } = await import('y-codemirror.next');
const { WebsocketProvider } = await import('y-websocket');

const [wsUrl, documentId, user] = process.argv.slice(2);
const doc = new Y.Doc();
const text = doc.getText('content');
const provider = new WebsocketProvider(wsUrl, documentId, doc, {
  WebSocketPolyfill: NodeWebSocket,
  disableBc: true,
  maxBackoffTime: 400,
  params: { user },
});
await new Promise((resolve) => provider.once('sync', resolve));
const state = EditorState.create({ doc: text.toString(), extensions: [yCollab(text, provider.awareness)] });
const view = new EditorView({ state, parent: document.body });
const marks = new Map();

const answers = {
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
