// One document: its head (title, who is here, whether it is saved) over either the editor or its history.

import { useEffect, useState } from 'preact/hooks';
import type { Connection } from '../model/connection.js';
import { type DocumentInfo, getDocument, type Kind, kindOf } from '../model/documents.js';
import { linkTo } from '../model/route.js';
import { lazy } from '../shell/lazy.js';
import { DocumentHead } from './document-head.js';
import { EditToolbar } from './edit-toolbar.js';

const codeEditor = (kind: Kind) =>
  lazy(async () => {
    const [{ CodeEditor }, grammar] = await Promise.all([
      import('../editor/code-editor.js'),
      import('../editor/code-grammar.js').then(({ grammarOf }) => grammarOf(kind)),
    ]);
    return ({ connection }: { connection: Connection }) => (
      <CodeEditor connection={connection} kind={kind} grammar={grammar} />
    );
  });
const RichEditor = lazy(async () => (await import('../editor/rich-editor.js')).RichEditor);
const editors = {
  rich: RichEditor,
  markdown: codeEditor('markdown'),
  code: codeEditor('code'),
  text: codeEditor('text'),
};
const HistoryView = lazy(async () => (await import('../history/history-view.js')).HistoryView);

interface DocumentPageProps {
  readonly connection: Connection;
  readonly id: string;
  readonly tab: 'edit' | 'history';
}

export const DocumentPage = ({ connection, id, tab }: DocumentPageProps) => {
  const info = useDocumentInfo(connection, id);
  const title = info?.title ?? id;
  useEffect(() => {
    document.title = `${title} – Contrail`;
  }, [title]);
  const link = connection.link.value;
  const Editor = editors[kindOf(id)];
  if (link.state === 'closed')
    return (
      <div class="column">
        <div class="empty closed">
          <h1>{link.closing.title}</h1>
          <p>{link.closing.advice}</p>
          <p class="quiet">
            {link.reason} (code {link.closing.code})
          </p>
          <a class="button primary" href={linkTo({ page: 'documents' })}>
            To the documents
          </a>
        </div>
      </div>
    );
  return (
    <>
      <DocumentHead connection={connection} title={title} id={id} tab={tab} />
      {tab === 'history' ? (
        <HistoryView connection={connection} id={id} />
      ) : (
        <div class="editing">
          <EditToolbar connection={connection} />
          <EditorNotice connection={connection} />
          {!connection.loaded.value ? <p class="quiet loading">Loading…</p> : <Editor connection={connection} />}
        </div>
      )}
    </>
  );
};

/** What REST knows of the document; asked again when the connection comes back. */
const useDocumentInfo = (connection: Connection, id: string): DocumentInfo | null => {
  const [info, setInfo] = useState<DocumentInfo | null>(null);
  const state = connection.link.value.state;
  useEffect(() => {
    if (state !== 'online') return;
    getDocument(id).then(
      (answer) => {
        setInfo(answer);
        connection.role.value = answer.role;
        connection.lock.value = answer.lock;
      },
      () => {},
    );
  }, [id, state]);
  return info;
};

/** Why typing has no effect, in words. */
const EditorNotice = ({ connection }: { connection: Connection }) => {
  const holder = connection.lockedBy.value;
  const rejected = connection.rejected.value;
  const words = !connection.mayEdit.value
    ? 'You are reading. You see every change live, but typing has no effect: you have the role of a viewer here. Its owner can make you an editor.'
    : holder
      ? `${holder} holds the lock. You can go on reading; typing is possible again when it is released.`
      : (rejected?.detail ?? null);
  return (
    <div class="editor-notice" role="status">
      {words && <p>{words}</p>}
    </div>
  );
};
