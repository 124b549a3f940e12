// Names a new document and opens it.

import { useState } from 'preact/hooks';
import { createDocument, type Kind, kindNames, newDocumentId } from '../model/documents.js';
import { describeError } from '../model/rest.js';
import { goTo } from '../model/route.js';
import { Icon } from '../shell/icons.js';

export const NewDocument = () => {
  const [title, setTitle] = useState('');
  const [kind, setKind] = useState<Kind>('rich');
  const [fault, setFault] = useState('');
  const submit = (event: Event): void => {
    event.preventDefault();
    const id = newDocumentId(title, kind);
    createDocument(id, title.trim() || 'Untitled').then(
      () => goTo({ page: 'document', id, tab: 'edit' }),
      (error: unknown) => setFault(describeError(error)),
    );
  };
  return (
    <form class="new-document" onSubmit={submit} aria-label="New document">
      <input
        aria-label="Title of a new document"
        placeholder="Title of a new document"
        value={title}
        maxLength={200}
        onInput={(event) => setTitle(event.currentTarget.value)}
      />
      <select aria-label="Kind" value={kind} onChange={(event) => setKind(event.currentTarget.value as Kind)}>
        {Object.entries(kindNames).map(([value, name]) => (
          <option key={value} value={value}>
            {name}
          </option>
        ))}
      </select>
      <button class="primary" type="submit">
        <Icon name="plus" /> Create
      </button>
      <p class="fault" role="alert">
        {fault}
      </p>
    </form>
  );
};
