// A WebSocket for clients that run in Node 20, which has none of its own: the demo's authors write through the stock provider.

import { WebSocket } from 'ws';

export const ClientSocket = WebSocket as unknown as typeof globalThis.WebSocket;
