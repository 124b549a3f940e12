// The floor: a WebSocket relay that forwards every frame to the others in the room and knows nothing of Yjs.
// It keeps no state, so a late reader gets nothing; what a server costs above this is what its features cost.

import { WebSocketServer } from 'ws';

const rooms = new Map();
const server = new WebSocketServer({ host: process.env.HOST, port: Number(process.env.PORT) });

server.on('connection', (socket, request) => {
  const name = request.url;
  const room = rooms.get(name) ?? new Set();
  rooms.set(name, room);
  room.add(socket);
  socket.on('message', (data) => {
    for (const other of room) if (other !== socket) other.send(data, { binary: true });
  });
  socket.on('close', () => {
    room.delete(socket);
    if (room.size === 0) rooms.delete(name);
  });
});
