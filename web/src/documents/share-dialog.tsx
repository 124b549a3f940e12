// Brings others into a document: by its link, and where the server asks who people are, by giving them a role.

import { useEffect, useState } from 'preact/hooks';
import { type DocumentInfo, getDocument, type Role, shareDocument } from '../model/documents.js';
import { person } from '../model/identity.js';
import { describeError } from '../model/rest.js';
import { sharedLink } from '../model/route.js';
import { Avatar } from '../shell/avatar.js';
import { Dialog } from '../shell/dialog.js';
import { Icon } from '../shell/icons.js';
import { SecondWindow } from '../shell/second-window.js';

interface ShareDialogProps {
  readonly id: string;
  readonly title: string;
  readonly onClose: () => void;
}

export const ShareDialog = ({ id, title, onClose }: ShareDialogProps) => {
  const [copied, setCopied] = useState(false);
  const [info, setInfo] = useState<DocumentInfo | null>(null);
  const [fault, setFault] = useState('');
  const authenticated = person.value?.token != null;
  const fail = (error: unknown): void => setFault(describeError(error));
  useEffect(() => {
    getDocument(id).then(setInfo, fail);
  }, [id]);
  const copy = (): void => {
    navigator.clipboard.writeText(sharedLink(id)).then(
      () => setCopied(true),
      () => setFault('The browser does not let this page copy. Select the link and copy it.'),
    );
  };
  const share = (event: Event): void => {
    event.preventDefault();
    const form = event.currentTarget;
    if (!(form instanceof HTMLFormElement)) return;
    const data = new FormData(form);
    shareDocument(id, [String(data.get('user')).trim()], String(data.get('role')) as Role).then((answer) => {
      setInfo(answer);
      setFault('');
      form.reset();
    }, fail);
  };
  return (
    <Dialog title={`Share “${title}”`} onClose={onClose}>
      <div class="inline-form">
        <input
          aria-label="Link of this document"
          readOnly
          value={sharedLink(id)}
          onFocus={(event) => event.currentTarget.select()}
        />
        <button type="button" class="primary" onClick={copy}>
          <Icon name={copied ? 'check' : 'link'} /> {copied ? 'Copied' : 'Copy'}
        </button>
      </div>
      {!authenticated && (
        <>
          <p class="quiet">This server takes names as given: whoever has the link can join and edit.</p>
          <SecondWindow at={{ page: 'document', id, tab: 'edit' }} />
        </>
      )}
      {authenticated && info && (
        <>
          <ul class="members" aria-label="Who may open it">
            <li>
              <Avatar id={info.ownerId} name={info.ownerId} /> {info.ownerId} <span class="quiet">owner</span>
            </li>
            {info.collaborators.map(({ userId, role }) => (
              <li key={userId}>
                <Avatar id={userId} name={userId} /> {userId} <span class="quiet">{role}</span>
              </li>
            ))}
          </ul>
          {info.role === 'owner' && (
            <form class="inline-form" onSubmit={share}>
              <input name="user" aria-label="Person to share with" placeholder="user id" required maxLength={128} />
              <select name="role" aria-label="Role" class="short">
                <option value="viewer">may read</option>
                <option value="editor">may edit</option>
              </select>
              <button type="submit">Share</button>
            </form>
          )}
        </>
      )}
      <p class="fault" role="alert">
        {fault}
      </p>
      <div class="row end">
        <button type="button" onClick={onClose}>
          Done
        </button>
      </div>
    </Dialog>
  );
};
