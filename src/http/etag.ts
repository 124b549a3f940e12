// Entity tags in requests (RFC 9110, 13.1).

/** Whether an `If-None-Match` header names the tag; weakly, as the header is compared. */
export const matchesEtag = (header: string | undefined, etag: string): boolean =>
  (header ?? '').split(',').some((given) => given.trim() === '*' || given.trim().replace(/^W\//, '') === etag);
