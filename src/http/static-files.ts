// The demo application's files: read once at start and answered from memory by exact path, so that no request ever names a file and nothing
// outside the folder can be reached. Knows nothing of what is in them. Every path is also a document's WebSocket; only GETs come here.

import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join, sep } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { MiddlewareHandler } from 'hono';
import { acceptsGzip } from './content-encoding.js';
import { matchesEtag } from './etag.js';

interface StaticFile {
  readonly body: Uint8Array<ArrayBuffer>;
  /** Absent where compressing gains nothing. */
  readonly gzip: Uint8Array<ArrayBuffer> | null;
  readonly etag: string;
  readonly type: string;
  /** The file's name holds a hash of its content. */
  readonly immutable: boolean;
}

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.json': 'application/json',
  '.txt': 'text/plain; charset=utf-8',
};
const compressible = /^(text\/|image\/svg|application\/json)/;
const minCompressedBytes = 512;

/** The files of a folder by URL path, `/` for its index.html; empty when there is no such folder. */
export const readStaticFiles = (folder: string): ReadonlyMap<string, StaticFile> => {
  const files = new Map<string, StaticFile>();
  if (!existsSync(folder)) return files;
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const type = types[extname(entry.name)];
    if (!entry.isFile() || type === undefined) continue;
    const file = join(entry.parentPath, entry.name);
    const path = `/${file.slice(folder.length).split(sep).filter(Boolean).join('/')}`;
    files.set(path === '/index.html' ? '/' : path, staticFile(readFileSync(file), type, path.startsWith('/assets/')));
  }
  return files;
};

const staticFile = (content: Buffer, type: string, immutable: boolean): StaticFile => {
  const packed = compressible.test(type) && content.length >= minCompressedBytes ? gzipSync(content) : null;
  return {
    body: new Uint8Array(content),
    gzip: packed && packed.length < content.length ? new Uint8Array(packed) : null,
    etag: `"${createHash('sha256').update(content).digest('base64url').slice(0, 22)}"`,
    type,
    immutable,
  };
};

/** `host` is checked because it comes from the request; older browsers do not count WebSockets of the same host as 'self'. */
const contentSecurityPolicy = (host: string | undefined): string => {
  const sockets = host !== undefined && /^[\w.:[\]-]+$/.test(host) ? ` ws://${host} wss://${host}` : '';
  return [
    "default-src 'self'",
    `connect-src 'self'${sockets}`,
    // Editors set positions and the colours of cursors as style attributes.
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
};

/** Answers GET and HEAD of the files; everything else goes on to the next route. */
export const staticFiles =
  (files: ReadonlyMap<string, StaticFile>): MiddlewareHandler =>
  async (context, next) => {
    const { method, path } = context.req;
    const file = method === 'GET' || method === 'HEAD' ? files.get(path) : undefined;
    if (!file) {
      await next();
      return undefined;
    }
    const headers: Record<string, string> = {
      etag: file.etag,
      vary: 'accept-encoding',
      'cache-control': file.immutable ? 'public, max-age=31536000, immutable' : 'no-cache',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    };
    if (path === '/') headers['content-security-policy'] = contentSecurityPolicy(context.req.header('host'));
    if (matchesEtag(context.req.header('if-none-match'), file.etag))
      return new Response(null, { status: 304, headers });
    const packed = acceptsGzip(context.req.header('accept-encoding')) ? file.gzip : null;
    const body = packed ?? file.body;
    headers['content-type'] = file.type;
    headers['content-length'] = String(body.length);
    if (packed) headers['content-encoding'] = 'gzip';
    return new Response(method === 'HEAD' ? null : body, { headers });
  };
