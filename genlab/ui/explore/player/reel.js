// All frames of several films, fetched ahead from /api/decode in parts, and the strip of small pictures below them.

import {DecodeSocket, draw} from '../../shell/decode.js';

const PART = 64,
  RETRY_MS = 2000,
  RETRIES = 5,
  CELLS = 11;

export class Reel {
  // onFrames(): more of them are there; onTrouble(text, or "" when it is over)
  constructor({token, onFrames, onTrouble}) {
    Object.assign(this, {onFrames, onTrouble, films: [], queue: [], take: 0});
    this.socket = new DecodeSocket({token, onReply: (reply) => this.got(reply), onTrouble: (text) => this.trouble(text)});
  }

  // films: [{target, z: Float32Array, dim}], all with as many frames
  load(films, count) {
    this.take++;
    this.tries = 0;
    this.films = films.map((film) => ({...film, frames: Array(count)}));
    this.queue = [];
    for (let from = 0; from < count; from += PART) this.films.forEach((_, film) => this.queue.push({film, from, take: this.take}));
    this.parts = this.queue.length;
    this.next();
  }

  get progress() {
    return this.parts ? 1 - this.queue.length / this.parts : 0;
  }

  next() {
    clearTimeout(this.timer);
    const part = this.queue[0];
    if (!part || !this.socket.isIdle) return;
    const {target, z, dim} = this.films[part.film];
    this.socket.ask([target], z.slice(part.from * dim, (part.from + PART) * dim), dim, part);
  }

  got({pictures: [{width, height, channels, count, pixels}], asked}) {
    const part = this.queue[0];
    if (asked.take === this.take && part && part.film === asked.film && part.from === asked.from) {
      // not an answer that came twice, or late
      this.queue.shift();
      const frames = this.films[asked.film].frames,
        bytes = width * height * channels;
      for (let i = 0; i < count; i++) frames[asked.from + i] = {width, height, channels, pixels: pixels.subarray(i * bytes, (i + 1) * bytes)};
      this.onFrames(asked.film);
    }
    this.next();
  }

  // A lost connection comes back by itself and asks again; what the server refuses is asked a few times more.
  trouble(text) {
    this.onTrouble(text);
    clearTimeout(this.timer);
    if (text && this.tries++ < RETRIES) this.timer = setTimeout(() => this.next(), RETRY_MS);
  }

  close() {
    clearTimeout(this.timer);
    this.socket.close();
  }
}

// Some frames side by side on one canvas; each stands for its share of the time.
export function drawStrip(canvas, frames) {
  const first = frames.find(Boolean);
  if (!first) return;
  const cells = Math.min(CELLS, frames.length),
    {width, height} = first;
  if (canvas.width !== cells * width) Object.assign(canvas, {width: cells * width, height});
  const small = document.createElement('canvas'),
    context = canvas.getContext('2d');
  for (let i = 0; i < cells; i++) {
    const frame = frames[Math.floor(((i + 0.5) * frames.length) / cells)];
    if (!frame) continue;
    draw(small, frame);
    context.drawImage(small, i * width, 0);
  }
}
