// The frame of every page: top bar, the page that the address names, toasts. Nothing happens before there is a person.

import { useEffect, useRef } from 'preact/hooks';
import { DocumentsPage } from '../documents/documents-page.js';
import { Toasts } from '../inbox/toasts.js';
import { person } from '../model/identity.js';
import { type Route, route } from '../model/route.js';
import { connection } from '../model/session.js';
import { lazy, Suspense } from '../shell/lazy.js';
import { LinkBanner } from './link-banner.js';
import { TopBar } from './top-bar.js';
import { Welcome } from './welcome.js';

const DocumentPage = lazy(async () => (await import('../documents/document-page.js')).DocumentPage);
const FlightsPage = lazy(async () => (await import('../flights/flights-page.js')).FlightsPage);
const StatsPage = lazy(async () => (await import('../stats/stats-page.js')).StatsPage);

export const App = () => {
  return person.value ? <Pages /> : <Welcome />;
};

const Pages = () => {
  const here = route.value;
  usePageChange(here.page);
  const current = connection.value;
  return (
    <>
      <button type="button" class="skip" onClick={skipToMain}>
        Skip to content
      </button>
      <TopBar page={here.page} />
      {current && <LinkBanner connection={current} onDocument={here.page === 'document'} />}
      <main id="main" tabIndex={-1} class={`page page-${here.page}`}>
        <Suspense fallback={<p class="quiet loading">Loading…</p>}>
          {here.page === 'documents' && <DocumentsPage />}
          {here.page === 'document' && current?.documentId === here.id && (
            <DocumentPage key={here.id} connection={current} id={here.id} tab={here.tab} />
          )}
          {here.page === 'flights' && <FlightsPage />}
          {here.page === 'stats' && <StatsPage />}
        </Suspense>
      </main>
      <Toasts />
    </>
  );
};

const titles = { documents: 'Documents', flights: 'Flights', stats: 'Stats' } as const;

/** A new page begins at its top, for the eyes, the keyboard and the screen reader; documents name the window themselves. */
const usePageChange = (page: Route['page']): void => {
  const first = useRef(true);
  useEffect(() => {
    if (page !== 'document') document.title = `${titles[page]} – Contrail`;
    if (first.current) {
      first.current = false;
      return;
    }
    scrollTo(0, 0);
    document.getElementById('main')?.focus({ preventScroll: true });
  }, [page]);
};

/** A button, because a link's hash would name another page. */
const skipToMain = (): void => {
  document.getElementById('main')?.focus();
};
