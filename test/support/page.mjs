// A page for editors outside a browser, as globals: what CodeMirror, ProseMirror and Quill need of one.

import { Window } from 'happy-dom';

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
