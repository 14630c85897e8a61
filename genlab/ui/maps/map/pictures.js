// Pictures on the map: thumbnails of images in place of dots, and what the decoder makes of a grid of spots.

import {routeAt} from '../../shell/address.js';
import {draw} from '../../shell/decode.js';

const THUMB = 44,
  TILE = 52,
  SHEET = 48,
  MOST_TILES = 320;

export class Thumbs {
  // base: address of the run's pictures; size: of an image in pixels; onReady: there is something new to paint
  constructor(base, size, onReady) {
    Object.assign(this, {base, size, onReady, known: new Map(), loading: false});
  }

  url(place) {
    return routeAt(`${this.base}/${place.part}/${place.at}.png`);
  }

  // The shown points that have room for a picture: none over another. [point, ...]
  thinned(cloud, view, width, height) {
    const taken = new Map(),
      out = [];
    for (let i = 0; i < cloud.images; i++) {
      const x = (cloud.xy[2 * i] - view.x) * view.scale + width / 2,
        y = height / 2 - (cloud.xy[2 * i + 1] - view.y) * view.scale;
      if (!cloud.shown[i] || x < 0 || y < 0 || x > width || y > height) continue;
      const a = Math.floor(x / THUMB),
        b = Math.floor(y / THUMB),
        around = [-1, 0, 1].flatMap((da) => [-1, 0, 1].map((db) => taken.get((a + da) * 4096 + b + db)));
      if (around.some((p) => p && Math.abs(p[0] - x) < THUMB - 4 && Math.abs(p[1] - y) < THUMB - 4)) continue;
      taken.set(a * 4096 + b, [x, y]);
      out.push(i);
    }
    return out;
  }

  // Ask for pictures that are not here, a sheet of them at a time.
  async want(cloud, points) {
    const missing = points.filter((i) => !this.known.has(i));
    if (this.loading || !missing.length) return;
    this.loading = true;
    const {part} = cloud.place(missing[0]),
      these = missing.filter((i) => cloud.place(i).part === part).slice(0, SHEET);
    const image = new Image();
    image.src = routeAt(`${this.base}/${part}/${these.map((i) => cloud.place(i).at)}.png?columns=${SHEET}`);
    try {
      await image.decode();
      these.forEach((i, at) => this.known.set(i, {image, x: at * this.size}));
    } catch {
      these.forEach((i) => this.known.set(i, null)); // it stays a dot
    }
    this.loading = false;
    this.onReady();
  }

  paint(painter, view, points, border) {
    for (const i of points) {
      const {xy} = painter.cloud,
        at = this.known.get(i);
      if (at) painter.picture(view, xy[2 * i], xy[2 * i + 1], THUMB - 6, at.image, at.x, 0, this.size, border(i));
    }
  }
}

export class Tiles {
  constructor() {
    Object.assign(this, {spots: [], canvas: document.createElement('canvas'), stamp: ''});
  }

  // The latents of a grid of spots over the view, where points are near: {z, spots}
  plan(cloud, view, width, height) {
    const side = TILE / view.scale,
      spots = [],
      codes = [];
    const left = Math.ceil((view.x - width / 2 / view.scale) / side),
      low = Math.ceil((view.y - height / 2 / view.scale) / side);
    for (let a = left; a * side < view.x + width / 2 / view.scale; a++)
      for (let b = low; b * side < view.y + height / 2 / view.scale; b++) {
        const near = cloud.nearest(a * side, b * side, 1, true)[0];
        if (!near || near[0] > (1.1 * side) ** 2 || spots.length >= MOST_TILES) continue;
        spots.push([a * side, b * side]);
        codes.push(cloud.blend(a * side, b * side));
      }
    const z = new Float32Array(codes.length * cloud.latents);
    codes.forEach((code, i) => z.set(code, i * cloud.latents));
    return {z, spots, side};
  }

  take({width, height, channels, count, pixels}, {spots, side}) {
    Object.assign(this, {spots, side, size: width});
    Object.assign(this.canvas, {width, height: height * count});
    draw(this.canvas, {width, height: height * count, channels, pixels});
  }

  paint(painter, view) {
    this.spots.forEach(([x, y], i) => painter.picture(view, x, y, this.side * view.scale - 3, this.canvas, 0, i * this.size, this.size));
  }
}
