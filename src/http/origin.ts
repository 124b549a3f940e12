// Which browsers' pages may talk to the server. Programs send no Origin and are not concerned.

/** `allowed` empty means: pages of the same host only, whatever their port. */
export const isAllowedOrigin = (
  origin: string | undefined,
  host: string | undefined,
  allowed: readonly string[],
): boolean => {
  if (origin === undefined) return true;
  if (allowed.length > 0) return allowed.includes(origin);
  const page = URL.canParse(origin) ? new URL(origin) : null;
  const server = host !== undefined && URL.canParse(`http://${host}`) ? new URL(`http://${host}`) : null;
  return page !== null && server !== null && page.hostname === server.hostname;
};
