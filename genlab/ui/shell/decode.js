// A client of /api/decode (genlab/server/protocol.py): one request in flight, the newest wins, reconnects by itself.

import {freshToken, socketAt} from './address.js';

const HEAD = 16,
  PICTURE = 12,
  UNKNOWN_PAGE = 4403,
  LONGEST_WAIT_MS = 5000;

export class DecodeSocket {
  // onReply({pictures: [{width, height, channels, step, count, pixels}], micros, asked}); onTrouble(text, or "" when it is over)
  constructor({token, onReply, onTrouble}) {
    Object.assign(this, {token, onReply, onTrouble, id: 0, flying: null, waiting: null, last: null, wait: 250, closed: false});
    this.open();
  }

  // targets: ["run id" or "run id@step", ...]; z: Float32Array of count * dim; asked: given back with the reply
  ask(targets, z, dim, asked = null) {
    this.waiting = this.last = {targets, z, dim, asked};
    this.flush();
  }

  get isIdle() {
    return !this.flying && !this.waiting;
  }

  close() {
    this.closed = true;
    clearTimeout(this.timer);
    this.socket?.close();
  }

  open() {
    clearTimeout(this.timer);
    const socket = (this.socket = new WebSocket(socketAt('api/decode'), ['genlab.decode.1', this.token]));
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => {
      this.flying = null;
      this.waiting ??= this.last;
      this.flush();
    };
    socket.onmessage = (event) => this.take(event.data);
    socket.onclose = (event) => this.lost(event);
  }

  lost({code, reason}) {
    if (this.closed) return;
    this.onTrouble(code === UNKNOWN_PAGE ? 'connecting again' : reason || 'connecting again');
    const again = code === UNKNOWN_PAGE ? () => this.introduce() : () => this.open();
    this.timer = setTimeout(again, this.wait);
    this.wait = Math.min(2 * this.wait, LONGEST_WAIT_MS);
  }

  // The server was started anew and knows nobody: ask it for another token. A rerun of the page would bring one too, but nothing asks for that.
  async introduce() {
    try {
      this.token = await freshToken(this.token, this.onTrouble);
    } finally {
      if (!this.closed) this.open();
    }
  }

  flush() {
    if (!this.waiting || this.flying || this.socket.readyState !== WebSocket.OPEN) return;
    const {targets, z, dim} = (this.flying = this.waiting);
    this.waiting = null;
    this.id = (this.id + 1) >>> 0;
    const names = new TextEncoder().encode(targets.join('\n'));
    const message = new ArrayBuffer(HEAD + z.byteLength + names.length),
      head = new DataView(message);
    head.setUint8(0, 1);
    head.setUint8(1, targets.length);
    head.setUint16(2, dim, true);
    head.setUint32(4, this.id, true);
    head.setUint32(8, z.length / dim, true);
    head.setUint32(12, names.length, true);
    new Float32Array(message, HEAD, z.length).set(z);
    new Uint8Array(message, HEAD + z.byteLength).set(names);
    this.socket.send(message);
  }

  take(message) {
    const head = new DataView(message),
      asked = this.flying?.asked;
    if (head.getUint32(4, true) !== this.id) return;
    this.flying = null;
    this.wait = 250;
    if (head.getUint8(1)) {
      this.onTrouble(new TextDecoder().decode(new Uint8Array(message, HEAD)));
    } else {
      this.onTrouble('');
      this.onReply({pictures: readPictures(message, head), micros: head.getUint32(8, true), asked});
    }
    this.flush();
  }
}

function readPictures(message, head) {
  const targets = head.getUint16(2, true),
    count = head.getUint32(12, true);
  let at = HEAD + PICTURE * targets;
  return Array.from({length: targets}, (_, i) => {
    const p = HEAD + PICTURE * i;
    const [width, height] = [head.getUint16(p, true), head.getUint16(p + 2, true)];
    const [channels, step] = [head.getUint32(p + 4, true), head.getUint32(p + 8, true)];
    const pixels = new Uint8Array(message, at, count * width * height * channels);
    at += pixels.length;
    return {width, height, channels, step, count, pixels};
  });
}

// Put one picture on a canvas, pixel by pixel; the style sheet makes it large.
export function draw(canvas, {width, height, channels, pixels}) {
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, {width, height});
  const context = canvas.getContext('2d'),
    image = context.createImageData(width, height),
    rgba = image.data;
  for (let i = 0, j = 0; i < rgba.length; i += 4, j += channels) {
    rgba[i] = pixels[j];
    rgba[i + 1] = pixels[channels === 3 ? j + 1 : j];
    rgba[i + 2] = pixels[channels === 3 ? j + 2 : j];
    rgba[i + 3] = 255;
  }
  context.putImageData(image, 0, 0);
}

export function floats(base64) {
  return new Float32Array(Uint8Array.from(atob(base64), (c) => c.charCodeAt(0)).buffer);
}
