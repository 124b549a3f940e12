// Which answers are worth compressing, and who can read them.

/** Shorter answers cost more to compress than is saved. */
export const minCompressedBytes = 1024;

/** Whether an `Accept-Encoding` header (RFC 9110, 12.5.3) names gzip and does not refuse it. */
export const acceptsGzip = (header: string | undefined): boolean =>
  (header ?? '').split(',').some((coding) => /^gzip(\s*;\s*q=(1|0\.\d*[1-9]\d*))?$/i.test(coding.trim()));
