// Unmodified y-websocket providers of all the versions that are promised to work, as an application on Node would set them up.

import { WebSocket } from 'ws';
import type { Awareness } from 'y-protocols/awareness';
import { WebsocketProvider } from 'y-websocket';
import { WebsocketProvider as WebsocketProvider15 } from 'y-websocket-1.5';
import { WebsocketProvider as WebsocketProvider21 } from 'y-websocket-2.1';
import { WebsocketProvider as WebsocketProvider30 } from 'y-websocket-3.0';
import * as Y from 'yjs';
import { until } from './deadline.js';

process.setMaxListeners(200); // each provider listens to the process' exit

/** What the tests use of a provider; all versions have it. */
export interface StockProvider {
  readonly awareness: Awareness;
  readonly synced: boolean;
  readonly wsconnected: boolean;
  readonly wsLastMessageReceived: number;
  connect(): void;
  disconnect(): void;
  destroy(): void;
  on(event: 'connection-close', listener: (event: { readonly code: number } | null) => void): unknown;
}

type ProviderClass = new (url: string, room: string, doc: Y.Doc, options: Record<string, unknown>) => StockProvider;

export const providers = {
  '1.5.4': WebsocketProvider15,
  '2.1.0': WebsocketProvider21,
  '3.0.0': WebsocketProvider30,
  '3.1.0': WebsocketProvider,
} as unknown as Readonly<Record<StockVersion, ProviderClass>>;

export type StockVersion = '1.5.4' | '2.1.0' | '3.0.0' | '3.1.0';
export const stockVersions: readonly StockVersion[] = ['1.5.4', '2.1.0', '3.0.0', '3.1.0'];

export interface StockOptions {
  readonly user: string;
  readonly version?: StockVersion;
  readonly doc?: Y.Doc;
  /** `false`: the client has no presence at all. */
  readonly awareness?: boolean;
  readonly params?: Readonly<Record<string, string>>;
  /** The WebSocket it connects with; `ws` unless given. */
  readonly socketClass?: new (
    address: string | URL,
    protocols?: string | string[],
  ) => WebSocket;
}

export class StockClient {
  readonly doc: Y.Doc;
  readonly provider: StockProvider;
  /** Close codes of every connection it lost, oldest first. */
  readonly closes: number[] = [];

  constructor(wsUrl: string, documentId: string, options: StockOptions) {
    this.doc = options.doc ?? new Y.Doc();
    const Provider = providers[options.version ?? '3.1.0'];
    this.provider = new Provider(wsUrl, documentId, this.doc, {
      WebSocketPolyfill: options.socketClass ?? WebSocket,
      disableBc: true,
      connect: false,
      maxBackoffTime: 400,
      params: { user: options.user, ...options.params },
    });
    this.provider.on('connection-close', (event) => this.closes.push(event?.code ?? 0));
    if (options.awareness === false) this.provider.awareness.setLocalState(null);
    this.provider.connect();
  }

  get text(): Y.Text {
    return this.doc.getText('content');
  }

  async synced(deadlineMs = 10_000): Promise<this> {
    await until(() => this.provider.synced, 'the provider is synced', deadlineMs);
    return this;
  }

  close(): void {
    this.provider.destroy();
    this.provider.awareness.destroy();
    this.doc.destroy();
  }
}
