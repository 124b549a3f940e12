// Every server that is measured. A target is data:
//   name, title            for the command line and for the tables
//   command(place)         arguments of node; env(place) its environment; place is {host, port, dir}
//   answersSync            whether a SyncStep1 is answered (a relay answers nothing)
//   persists               whether documents outlive the process
//   namesDocumentInFrames  whether frames carry Hocuspocus's prefix
//   hasFlights             whether it has flights and boards
//   pastState, head        URLs that only Contrail has (see ours.mjs)

import { hocuspocus } from './hocuspocus.mjs';
import { ours } from './ours.mjs';
import { relay } from './relay.mjs';
import { yWebsocket, yWebsocketLevel } from './y-websocket.mjs';

export const targets = [ours, relay, yWebsocket, yWebsocketLevel, hocuspocus];
