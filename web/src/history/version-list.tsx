// Names given to moments of the document.

import { useEffect, useState } from 'preact/hooks';
import { listVersions, nameVersion, removeVersion, type Version } from '../model/documents.js';
import { describeError } from '../model/rest.js';
import { ago } from '../model/time.js';
import { Icon } from '../shell/icons.js';

interface VersionListProps {
  readonly id: string;
  readonly seq: number;
  readonly onPick: (seq: number) => void;
}

export const VersionList = ({ id, seq, onPick }: VersionListProps) => {
  const [versions, setVersions] = useState<readonly Version[]>([]);
  const [name, setName] = useState('');
  const [fault, setFault] = useState('');
  const refresh = (): Promise<void> =>
    listVersions(id).then(setVersions, (error: unknown) => setFault(describeError(error)));
  const attempt = (work: Promise<unknown>): void => {
    work.then(refresh).then(
      () => setFault(''),
      (error: unknown) => setFault(describeError(error)),
    );
  };
  useEffect(() => {
    refresh();
  }, [id]);
  const submit = (event: Event): void => {
    event.preventDefault();
    attempt(nameVersion(id, name.trim(), seq).then(() => setName('')));
  };
  return (
    <section class="side-section" aria-label="Versions">
      <h2>Versions</h2>
      <ul class="versions">
        {versions.map((version) => (
          <li key={version.id}>
            <button type="button" class="link" onClick={() => onPick(version.seq)} aria-current={version.seq === seq}>
              {version.name}
            </button>
            <span class="quiet">
              {version.actor}, {ago(version.at)}
            </span>
            <button
              type="button"
              class="bare"
              aria-label={`Remove the name ${version.name}`}
              onClick={() => attempt(removeVersion(id, version.id))}
            >
              <Icon name="close" size={14} />
            </button>
          </li>
        ))}
      </ul>
      <form class="inline-form" onSubmit={submit}>
        <input
          aria-label="Name for this moment"
          placeholder="Name this moment"
          value={name}
          required
          maxLength={100}
          onInput={(event) => setName(event.currentTarget.value)}
        />
        <button type="submit" aria-label="Save the version">
          <Icon name="flag" />
        </button>
      </form>
      <p class="fault" role="alert">
        {fault}
      </p>
    </section>
  );
};
