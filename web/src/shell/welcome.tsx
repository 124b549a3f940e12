// The first visit: pick a name. Where the server authenticates, a token takes its place.

import { useEffect, useState } from 'preact/hooks';
import { becomeBearer, becomePerson } from '../model/identity.js';
import { Logo } from './icons.js';

const examples = ['alice', 'bob', 'carol'];

export const Welcome = () => {
  const [name, setName] = useState('');
  const [token, setToken] = useState('');
  const [authenticated, setAuthenticated] = useState(false);
  const [fault, setFault] = useState('');
  useEffect(() => {
    fetch('/api/realtime/documents?limit=1', { headers: { 'x-user-id': 'anonymous' } }).then(
      (response) => setAuthenticated(response.status === 401),
      () => {},
    );
  }, []);
  const submit = (event: Event): void => {
    event.preventDefault();
    if (authenticated && !becomeBearer(token))
      setFault('That is no token: it should be three parts with dots between them.');
    else if (!authenticated && name.trim() !== '') becomePerson(name);
  };
  return (
    <main class="welcome">
      <form class="welcome-card" onSubmit={submit}>
        <Logo size={48} />
        <h1>Contrail</h1>
        <p class="lead">
          Write together. Every edit stays, with its author, and any of them can be taken back: also after the server
          was restarted.
        </p>
        {authenticated ? (
          <label class="field" key="token">
            <span>Your token</span>
            <input value={token} onInput={(event) => setToken(event.currentTarget.value)} autocomplete="off" required />
          </label>
        ) : (
          <label class="field" key="name">
            <span>Your name</span>
            <input
              value={name}
              onInput={(event) => setName(event.currentTarget.value)}
              maxLength={64}
              autocomplete="nickname"
              placeholder="Ada Lovelace"
              required
            />
          </label>
        )}
        <p class="fault" role="alert">
          {fault}
        </p>
        <button class="primary wide" type="submit">
          Begin
        </button>
        {!authenticated && (
          <p class="quiet">
            Or be{' '}
            {examples.map((example, index) => (
              <span key={example}>
                {index > 0 && (index === examples.length - 1 ? ' or ' : ', ')}
                <button type="button" class="link" onClick={() => becomePerson(example)}>
                  {example}
                </button>
              </span>
            ))}
            . A second window can be somebody else.
          </p>
        )}
      </form>
    </main>
  );
};
