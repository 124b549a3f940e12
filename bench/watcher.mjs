// A connection of the load that only counts the updates it is sent. It reads the frames' heads in one buffer that all watchers share: a thousand
// of them in one process must not be what is measured.

import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';

const shared = Buffer.alloc(64 * 1024);
const opcodes = { binary: 2, close: 8, ping: 9 };
const endOfHead = Buffer.from('\r\n\r\n');
/** Of a message: two types and the length of what follows, a varint. */
const countedBytes = 2 + 5;

/** A client's frame; masked with zeros, which leaves it as it is. */
const masked = (opcode, payload) => Buffer.from([0x80 | opcode, 0x80 | payload.length, 0, 0, 0, 0, ...payload]);
const step1 = masked(opcodes.binary, [0, 0, 1, 0]);
const emptyStep2 = masked(opcodes.binary, [0, 1, 2, 0, 0]);
const pong = masked(10, []);

export class Watcher {
  /** Live updates so far, and their bytes. */
  frames = 0;
  bytes = 0;
  /** Set when the connection ended although nobody here asked for it. */
  lost = null;
  #socket;
  #closing = false;
  #handshake = Buffer.alloc(0);
  #opened = false;
  #joined;
  /** The frame that is being read: its head so far, then how much of its payload is missing, and the first bytes of that. */
  #head = [];
  #missing = -1;
  #first = [];

  constructor({ host, port }, room, joined) {
    this.#joined = joined;
    this.#socket = connect({
      host,
      port,
      onread: {
        buffer: shared,
        callback: (length, buffer) => {
          this.#read(buffer, length);
          return true;
        },
      },
    });
    this.#socket.setNoDelay(true);
    this.#socket.write(
      `GET /${room} HTTP/1.1\r\nHost: ${host}:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\n\r\n`,
    );
    this.#socket.on('error', () => undefined);
    this.#socket.on('close', () => {
      if (!this.#closing) this.lost ??= 'the connection was cut';
    });
  }

  /** Connects, and waits until the server has answered the first SyncStep1. */
  static open({ place }, room) {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('no answer to SyncStep1 in 60 s')), 60_000);
      const watcher = new Watcher(place, room, () => {
        clearTimeout(timer);
        resolve(watcher);
      });
    });
  }

  close() {
    this.#closing = true;
    this.#socket.destroy();
  }

  #read(buffer, length) {
    let at = this.#opened ? 0 : this.#shakeHands(buffer, length);
    while (at < length) {
      if (this.#missing < 0) at = this.#readHead(buffer, at);
      else {
        const taken = Math.min(this.#missing, length - at);
        for (let index = at; index < at + taken && this.#first.length < countedBytes; index += 1)
          this.#first.push(buffer[index]);
        this.#missing -= taken;
        at += taken;
      }
      if (this.#missing === 0) this.#frame();
    }
  }

  /** Where the frames begin. */
  #shakeHands(buffer, length) {
    const before = this.#handshake.length;
    this.#handshake = Buffer.concat([this.#handshake, buffer.subarray(0, length)]);
    const end = this.#handshake.indexOf(endOfHead);
    if (end < 0) return length;
    const status = this.#handshake.toString('latin1', 0, 12);
    if (status !== 'HTTP/1.1 101') this.lost = `refused: ${status}`;
    this.#opened = true;
    this.#handshake = null;
    this.#socket.write(step1);
    return end + endOfHead.length - before;
  }

  #readHead(buffer, at) {
    this.#head.push(buffer[at]);
    const short = this.#head[1] & 0x7f;
    const extra = short === 126 ? 2 : short === 127 ? 8 : 0;
    if (this.#head.length === 2 + extra)
      this.#missing = extra === 0 ? short : this.#head.slice(2).reduce((sum, byte) => sum * 256 + byte, 0);
    return at + 1;
  }

  #frame() {
    const opcode = this.#head[0] & 0x0f;
    const [type, kind, ...rest] = this.#first;
    this.#head = [];
    this.#first = [];
    this.#missing = -1;
    if (opcode === opcodes.ping) this.#socket.write(pong);
    else if (opcode === opcodes.close) this.lost ??= 'closed by the server';
    else if (type === 0 && kind === 0) this.#socket.write(emptyStep2);
    else if (type === 0 && kind === 1) this.#joined();
    else if (type === 0 && kind === 2) {
      this.frames += 1;
      this.bytes += varUint(rest);
    }
  }
}

const varUint = (bytes) => {
  let value = 0;
  for (const [index, byte] of bytes.entries()) {
    value += (byte & 0x7f) * 128 ** index;
    if (byte < 128) break;
  }
  return value;
};
