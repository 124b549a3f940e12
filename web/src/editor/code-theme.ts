// CodeMirror in the colours of the page: everything refers to the style sheet's variables, so light and dark need no second theme.

import { HighlightStyle } from '@codemirror/language';
import { EditorView } from '@codemirror/view';
import { tags } from '@lezer/highlight';

export const codeTheme = EditorView.theme({
  '&': { color: 'var(--ink)', backgroundColor: 'transparent', fontSize: '15px' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '1.65', minHeight: '60vh' },
  '.cm-content': { padding: '20px 0 40vh', caretColor: 'var(--ink)' },
  '.cm-line': { padding: '0 28px' },
  '.cm-gutters': { backgroundColor: 'transparent', color: 'var(--quiet)', border: 'none', paddingLeft: '8px' },
  '.cm-gutters + .cm-content .cm-line': { paddingLeft: '12px' },
  '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'var(--hover)' },
  '.cm-cursor': { borderLeftColor: 'var(--ink)', borderLeftWidth: '2px' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': {
    background: 'var(--selection) !important',
  },
  '.cm-ySelectionCaret': { position: 'relative', borderLeftWidth: '2px', borderRightWidth: '0', marginRight: '-2px' },
  '.cm-ySelectionCaretDot': { display: 'none' },
  '.cm-ySelectionInfo': {
    opacity: '1',
    top: '-1.35em',
    left: '-2px',
    padding: '1px 6px',
    borderRadius: '6px 6px 6px 0',
    font: '600 11px/1.35 var(--sans)',
  },
});

export const codeColours = HighlightStyle.define([
  { tag: [tags.keyword, tags.modifier, tags.operatorKeyword], color: 'var(--code-keyword)' },
  { tag: [tags.string, tags.special(tags.string), tags.regexp], color: 'var(--code-string)' },
  { tag: [tags.number, tags.bool, tags.null], color: 'var(--code-number)' },
  { tag: [tags.comment, tags.quote], color: 'var(--quiet)', fontStyle: 'italic' },
  { tag: [tags.function(tags.variableName), tags.function(tags.propertyName)], color: 'var(--code-name)' },
  { tag: [tags.typeName, tags.className], color: 'var(--code-type)' },
  { tag: tags.heading1, fontWeight: '700', fontSize: '1.5em', lineHeight: '1.9' },
  { tag: tags.heading2, fontWeight: '700', fontSize: '1.25em' },
  { tag: tags.heading, fontWeight: '700' },
  { tag: tags.strong, fontWeight: '700' },
  { tag: tags.emphasis, fontStyle: 'italic' },
  { tag: [tags.link, tags.url], color: 'var(--accent)' },
  { tag: tags.processingInstruction, color: 'var(--quiet)' },
]);
