// Which methods a path has: for a request whose path is right and whose method is not (405, RFC 9110, 15.5.6).

import type { App } from './app.js';

/** Returns the function that lists the methods of a path; empty for a path that no route has. Asked only after all routes are there. */
export const methodsOf = (app: Pick<App, 'openAPIRegistry'>): ((path: string) => readonly string[]) => {
  let routes: readonly { readonly pattern: RegExp; readonly method: string }[] | null = null;
  return (path) => {
    routes ??= app.openAPIRegistry.definitions.flatMap((definition) =>
      definition.type === 'route'
        ? [{ pattern: patternOf(definition.route.path), method: definition.route.method.toUpperCase() }]
        : [],
    );
    const methods = new Set(routes.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method));
    if (methods.has('GET')) methods.add('HEAD');
    return methods.size === 0 ? [] : [...methods, 'OPTIONS'];
  };
};

const patternOf = (path: string): RegExp =>
  new RegExp(
    `^${path
      .split(/\{[^}]+\}/)
      .map(escaped)
      .join('[^/]+')}$`,
  );

const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
