// The points of a map, as genlab/maps/message.py packs them: where they lie, what they are, and the latent for any spot between them.

import {routeAt} from '../../shell/address.js';

const HALVES = new Float32Array(65536);
for (let bits = 0; bits < 65536; bits++) {
  const sign = bits & 0x8000 ? -1 : 1,
    exponent = (bits >> 10) & 31,
    part = bits & 1023;
  HALVES[bits] = sign * (exponent === 31 ? (part ? NaN : Infinity) : exponent ? 2 ** (exponent - 15) * (1 + part / 1024) : (2 ** -14 * part) / 1024);
}

const NEAR = 8; // points that a spot between them is made of

export class Cloud {
  constructor(buffer) {
    const length = new DataView(buffer).getUint32(0, true);
    Object.assign(this, JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length))));
    const view = (name, Kind) => new Kind(buffer, 4 + length + this.arrays[name][0], this.arrays[name][1]);
    this.xy = view('xy', Float32Array);
    this.error = view('error', Float32Array);
    this.attributes = view('attributes', Uint16Array);
    this.anchors = view('anchors', Uint32Array);
    this.codes = view('codes', Uint16Array);
    this.film = view('film', Float32Array);
    this.filmCodes = view('filmCodes', Uint16Array);
    this.count = this.xy.length / this.dims;
    this.row = new Int32Array(this.count).fill(-1);
    this.anchors.forEach((i, row) => {
      this.row[i] = row;
    });
    this.shown = new Uint8Array(this.count);
    this.only = 0; // while a film is shown: how many points are in it
    this.moment = 0; // and which of its moments the latents are of
  }

  static async load(url) {
    const answer = await fetch(routeAt(url));
    if (!answer.ok) throw new Error(await answer.text());
    return new Cloud(await answer.arrayBuffer());
  }

  get bounds() {
    let [left, right, low, high] = [Infinity, -Infinity, Infinity, -Infinity];
    for (let i = 0; i < this.images || (!this.images && i < this.count); i++) {
      const x = this.xy[2 * i],
        y = this.xy[2 * i + 1];
      left = Math.min(left, x);
      right = Math.max(right, x);
      low = Math.min(low, y);
      high = Math.max(high, y);
    }
    return {x: (left + right) / 2, y: (low + high) / 2, width: right - left || 1, height: high - low || 1};
  }

  // Which image, draw or nothing point i is: {part, at}.
  place(i) {
    const {test, train} = this.counts;
    if (i < test) return {part: 'test', at: i};
    return i < test + train ? {part: 'train', at: i - test} : {part: 'prior', at: i - test - train};
  }

  index({part, at}) {
    const {test, train, prior} = this.counts;
    if (at >= this.counts[part]) return -1;
    return part === 'test' ? at : part === 'train' ? test + at : test + train + at;
  }

  value(i, k) {
    return i < this.known ? HALVES[this.attributes[i * this.info.length + k]] : NaN;
  }

  // The shown points nearest to a spot of the map, nearest first: [[distance squared, point], ...]
  nearest(x, y, k, isAnchor = false) {
    const best = [],
      {xy, shown} = this;
    for (let i = 0; i < this.count; i++) {
      if (!shown[i] || (isAnchor && !this.has(i))) continue;
      const d = (xy[2 * i] - x) ** 2 + (xy[2 * i + 1] - y) ** 2;
      if (best.length < k || d < best[best.length - 1][0]) insert(best, d, i, k);
    }
    return best;
  }

  // Whether the latent of a point is here: in a film that of its moment, otherwise that of an anchor.
  has(i) {
    return this.only ? i < this.only && this.filmCodes.length > 0 : this.row[i] >= 0;
  }

  number(i, j) {
    const n = this.latents;
    return HALVES[this.only ? this.filmCodes[(this.moment * this.only + i) * n + j] : this.codes[this.row[i] * n + j]];
  }

  code(i) {
    return this.has(i) ? Float32Array.from({length: this.latents}, (_, j) => this.number(i, j)) : null;
  }

  // The latent that stands for a spot: its nearest points', weighted by the inverse square of their distance.
  blend(x, y) {
    return this.mix(this.nearest(x, y, NEAR, true), (i, j) => this.number(i, j), this.latents);
  }

  // Where a latent belongs on the map, by its nearest in latent space, in the same way.
  spot(z) {
    return this.mix(this.alike(z, 2 * NEAR), (i, j) => this.xy[2 * i + j], 2);
  }

  mix(near, value, size) {
    const out = new Float32Array(size);
    let sum = 0;
    for (const [d] of near) sum += 1 / Math.max(d, 1e-12);
    for (const [d, i] of near) {
      const weight = 1 / Math.max(d, 1e-12) / sum;
      for (let j = 0; j < size; j++) out[j] += weight * value(i, j);
    }
    return near.length ? out : null;
  }

  // The images nearest in latent space: [[distance squared, point], ...]
  alike(z, k, except = -1) {
    const best = [],
      n = this.latents,
      {codes} = this;
    for (let row = 0; row < this.anchors.length; row++) {
      const i = this.anchors[row];
      if (i === except || (this.images && i >= this.images)) continue;
      let d = 0;
      for (let j = 0, at = row * n; j < n; j++, at++) {
        const by = HALVES[codes[at]] - z[j];
        d += by * by;
      }
      if (best.length < k || d < best[best.length - 1][0]) insert(best, d, i, k);
    }
    return best;
  }
}

function insert(best, d, i, k) {
  let at = best.length;
  while (at && best[at - 1][0] > d) at--;
  best.splice(at, 0, [d, i]);
  if (best.length > k) best.pop();
}

// One bit a point, in base64: how a selection goes to Python and into an address.
export function bits(flags) {
  const bytes = new Uint8Array(Math.ceil(flags.length / 8));
  flags.forEach((on, i) => {
    if (on) bytes[i >> 3] |= 1 << (i & 7);
  });
  let text = '';
  for (let i = 0; i < bytes.length; i += 4096) text += String.fromCharCode(...bytes.subarray(i, i + 4096));
  return btoa(text);
}

export function fromBits(text, count) {
  const flags = new Uint8Array(count),
    bytes = Uint8Array.from(atob(text || ''), (c) => c.charCodeAt(0));
  for (let i = 0; i < Math.min(count, 8 * bytes.length); i++) flags[i] = (bytes[i >> 3] >> (i & 7)) & 1;
  return flags;
}
