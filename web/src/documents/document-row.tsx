// One document in the list: open, copy its link, rename, delete.

import { useState } from 'preact/hooks';
import { type DocumentInfo, deleteDocument, kindNames, kindOf, renameDocument } from '../model/documents.js';
import { describeError } from '../model/rest.js';
import { linkTo, sharedLink } from '../model/route.js';
import { ago } from '../model/time.js';
import { Avatar } from '../shell/avatar.js';
import { Dialog } from '../shell/dialog.js';
import { Icon } from '../shell/icons.js';

interface RowProps {
  readonly info: DocumentInfo;
  readonly onChanged: () => Promise<void>;
}

const maxFaces = 5;

export const DocumentRow = ({ info, onChanged }: RowProps) => {
  const [asking, ask] = useState<'rename' | 'delete' | null>(null);
  const [copied, setCopied] = useState(false);
  const { id, title, seq, updatedAt, activeUsers, role } = info;
  const kind = kindOf(id);
  const copy = (): void => {
    navigator.clipboard.writeText(sharedLink(id)).then(
      () => {
        setCopied(true);
        setTimeout(() => setCopied(false), 2_000);
      },
      () => prompt('The link of this document', sharedLink(id)),
    );
  };
  return (
    <li class="document">
      <span class={`kind kind-${kind}`} aria-hidden="true">
        {{ rich: 'Aa', markdown: 'Md', code: '{ }', text: 'Txt' }[kind]}
      </span>
      <div class="document-text">
        <a class="document-title" href={linkTo({ page: 'document', id, tab: 'edit' })}>
          {title}
        </a>
        <p class="quiet">
          {kindNames[kind]} · {seq} {seq === 1 ? 'event' : 'events'} · changed {ago(updatedAt)}
          {role === 'viewer' && ' · read only'}
        </p>
      </div>
      <div class="faces">
        {activeUsers.slice(0, maxFaces).map((user) => (
          <Avatar key={user} id={user} name={user} />
        ))}
        {activeUsers.length > 0 && <span class="sr">{`In it now: ${activeUsers.join(', ')}`}</span>}
        {activeUsers.length > maxFaces && <span class="quiet">+{activeUsers.length - maxFaces}</span>}
      </div>
      <div class="actions">
        <button type="button" class="bare" onClick={copy} aria-label={`Copy the link of ${title}`} title="Copy link">
          <Icon name={copied ? 'check' : 'link'} />
        </button>
        <button type="button" class="bare" onClick={() => ask('rename')} aria-label={`Rename ${title}`} title="Rename">
          <Icon name="pencil" />
        </button>
        <button type="button" class="bare" onClick={() => ask('delete')} aria-label={`Delete ${title}`} title="Delete">
          <Icon name="trash" />
        </button>
        <span class="sr" role="status">
          {copied ? 'Link copied' : ''}
        </span>
      </div>
      {asking === 'rename' && <Rename info={info} onDone={() => ask(null)} onChanged={onChanged} />}
      {asking === 'delete' && <Delete info={info} onDone={() => ask(null)} onChanged={onChanged} />}
    </li>
  );
};

interface QuestionProps extends RowProps {
  readonly onDone: () => void;
}

const useAttempt = (onDone: () => void, onChanged: () => Promise<void>) => {
  const [fault, setFault] = useState('');
  const attempt = (work: Promise<unknown>): void => {
    work.then(onChanged).then(onDone, (error: unknown) => setFault(describeError(error)));
  };
  return { fault, attempt };
};

const Rename = ({ info, onDone, onChanged }: QuestionProps) => {
  const [title, setTitle] = useState(info.title);
  const { fault, attempt } = useAttempt(onDone, onChanged);
  const submit = (event: Event): void => {
    event.preventDefault();
    attempt(renameDocument(info.id, title.trim()));
  };
  return (
    <Dialog title="Rename" onClose={onDone}>
      <form class="stack" onSubmit={submit}>
        <label class="field">
          <span>Title</span>
          <input value={title} required maxLength={200} onInput={(event) => setTitle(event.currentTarget.value)} />
        </label>
        <p class="fault" role="alert">
          {fault}
        </p>
        <div class="row end">
          <button type="button" onClick={onDone}>
            Cancel
          </button>
          <button type="submit" class="primary">
            Rename
          </button>
        </div>
      </form>
    </Dialog>
  );
};

const Delete = ({ info, onDone, onChanged }: QuestionProps) => {
  const { fault, attempt } = useAttempt(onDone, onChanged);
  return (
    <Dialog title={`Delete “${info.title}”?`} onClose={onDone}>
      <p>Everybody who has it open is told, and nobody can open it again under this link.</p>
      <p class="fault" role="alert">
        {fault}
      </p>
      <div class="row end">
        <button type="button" onClick={onDone}>
          Cancel
        </button>
        <button type="button" class="danger" onClick={() => attempt(deleteDocument(info.id))}>
          Delete
        </button>
      </div>
    </Dialog>
  );
};
