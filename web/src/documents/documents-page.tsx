// All documents: who is in them, and what can be done with them.

import { useEffect, useState } from 'preact/hooks';
import { type DocumentInfo, listDocuments } from '../model/documents.js';
import { describeError } from '../model/rest.js';
import { isLobby } from '../model/session.js';
import { SecondWindow } from '../shell/second-window.js';
import { DocumentRow } from './document-row.js';
import { NewDocument } from './new-document.js';

const refreshMs = 3_000;

export const DocumentsPage = () => {
  const [documents, setDocuments] = useState<readonly DocumentInfo[] | null>(null);
  const [fault, setFault] = useState('');
  const refresh = (): Promise<void> =>
    listDocuments().then(
      (all) => {
        setDocuments(all.filter(({ id }) => !isLobby(id)));
        setFault('');
      },
      (error: unknown) => setFault(describeError(error)),
    );
  useEffect(() => {
    refresh();
    const timer = setInterval(() => !document.hidden && refresh(), refreshMs);
    return () => clearInterval(timer);
  }, []);
  return (
    <div class="column">
      <header class="page-head">
        <div>
          <h1>Documents</h1>
          <p class="quiet">Open one in two windows, with two names, and type in both.</p>
        </div>
        <SecondWindow at={{ page: 'documents' }} />
      </header>
      <NewDocument />
      <p class="fault" role="alert">
        {fault}
      </p>
      {documents === null ? (
        fault === '' && <p class="quiet loading">Loading…</p>
      ) : documents.length === 0 ? (
        <div class="empty">
          <p>There are no documents yet.</p>
          <p class="quiet">Name one above: it opens at once, and anybody with its link can join.</p>
        </div>
      ) : (
        <ul class="documents" aria-label="Documents">
          {documents.map((info) => (
            <DocumentRow key={info.id} info={info} onChanged={refresh} />
          ))}
        </ul>
      )}
    </div>
  );
};
