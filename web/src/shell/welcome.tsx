// The first visit: pick a name. Where the server authenticates, a token takes its place.

import { useEffect, useState } from 'preact/hooks';
import { becomeBearer, becomePerson, examplePeople } from '../model/identity.js';
import { Avatar } from './avatar.js';
import { Logo } from './icons.js';
import { WelcomeScene } from './welcome-scene.js';

/** The page asks one thing only. */
const focused = (input: HTMLInputElement | null): void => input?.focus();

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
      <div class="welcome-words">
        <p class="welcome-brand">
          <Logo size={40} /> Contrail
        </p>
        <h1>
          Write together. <br />
          Lose nothing.
        </h1>
        <p class="lead">
          Every edit stays, with its author, and can be taken back: also after the server was killed and started again.
        </p>
        <form class="welcome-form" onSubmit={submit}>
          {authenticated ? (
            <label class="field" key="token">
              <span>Your token</span>
              <input
                value={token}
                onInput={(event) => setToken(event.currentTarget.value)}
                autocomplete="off"
                required
              />
            </label>
          ) : (
            <label class="field" key="name">
              <span>Your name</span>
              <input
                ref={focused}
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
        </form>
        {!authenticated && (
          <p class="welcome-people">
            <span class="quiet">or be</span>
            {examplePeople.map((example) => (
              <button key={example} type="button" onClick={() => becomePerson(example)}>
                <Avatar id={example} name={example} /> {example}
              </button>
            ))}
          </p>
        )}
      </div>
      <WelcomeScene />
    </main>
  );
};
