// A component whose code is fetched when it is first shown.

import type { ComponentChildren, ComponentType } from 'preact';
import { createContext, Fragment, h } from 'preact';
import { useContext, useEffect, useState } from 'preact/hooks';

const Fallback = createContext<ComponentChildren>(null);

/** Names what stands in for components that are still on their way. */
export const Suspense = ({ fallback, children }: { fallback: ComponentChildren; children: ComponentChildren }) => (
  <Fallback.Provider value={fallback}>{children}</Fallback.Provider>
);

export const lazy = <Props extends object>(load: () => Promise<ComponentType<Props>>): ComponentType<Props> => {
  let loaded: ComponentType<Props> | null = null;
  return function Lazy(props: Props) {
    const fallback = useContext(Fallback);
    const [Component, show] = useState<ComponentType<Props> | null>(() => loaded);
    const [failed, fail] = useState(false);
    useEffect(() => {
      if (Component) return;
      load().then(
        (component) => {
          loaded = component;
          show(() => component);
        },
        () => fail(true),
      );
    }, []);
    if (failed) return <p role="alert">This part of the page could not be loaded. Reload to try again.</p>;
    return Component ? <Component {...props} /> : h(Fragment, null, fallback);
  };
};
