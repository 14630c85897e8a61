// A picture of many small images, cut up and laid out anew as large as its place allows. It changes in place: the old
// one stays until the new one is decoded.

import {el} from '../shell/words.js';

const COLUMNS = 8,
  GAP = 2; // as genlab.runs.pictures lays them out
const MOST_WIDE = 460; // CSS pixels: larger, and two sheets no longer stand side by side on a laptop

export class Sheet {
  constructor(host, {columns = 4, paired = false}) {
    Object.assign(this, {host, columns, paired, address: '', tiles: null});
    this.canvas = el('canvas', {role: 'img', class: 'sheet'});
    host.append(this.canvas);
    this.sight = new ResizeObserver(() => this.draw());
    this.sight.observe(host);
  }

  close() {
    this.sight.disconnect();
  }

  async show(address, alt) {
    this.canvas.setAttribute('aria-label', alt);
    if (address === this.address) return;
    this.address = address;
    const image = new Image();
    image.src = address;
    try {
      await image.decode();
    } catch (error) {
      return;
    } // replaced or gone meanwhile: the old one stays
    if (address !== this.address) return;
    this.tiles = cut(image);
    this.draw();
    this.canvas.dataset.address = address;
  }

  // Positions of the tiles in reading order; pairs stand one below the other.
  places() {
    const {count} = this.tiles,
      half = count / 2,
      columns = this.columns;
    return Array.from({length: count}, (_, i) => {
      if (!this.paired) return [i % columns, Math.floor(i / columns), 0];
      const k = i % half,
        row = Math.floor(k / columns);
      return [k % columns, 2 * row + (i < half ? 0 : 1), row];
    });
  }

  draw() {
    if (!this.tiles) return;
    const {size, origin} = this.tiles,
      dense = window.devicePixelRatio || 1,
      places = this.places();
    const side = Math.floor((Math.min(this.host.clientWidth, MOST_WIDE) * dense) / this.columns) - GAP;
    if (side < 4) return;
    const enlarged = this.enlarged(Math.ceil(side / size));
    const rows = Math.max(...places.map(([, row]) => row)) + 1,
      apart = Math.round(8 * dense);
    const gap = GAP * dense,
      blocks = Math.max(...places.map(([, , block]) => block));
    this.canvas.width = this.columns * (side + gap) - gap;
    this.canvas.height = rows * (side + gap) - gap + blocks * apart;
    this.canvas.style.width = `${this.canvas.width / dense}px`;
    const pen = this.canvas.getContext('2d');
    pen.imageSmoothingQuality = 'high';
    places.forEach(([column, row, block], i) => {
      const [x, y] = origin(i).map((v) => v * enlarged.times);
      pen.drawImage(
        enlarged.canvas,
        x,
        y,
        size * enlarged.times,
        size * enlarged.times,
        column * (side + gap),
        row * (side + gap) + block * apart,
        side,
        side,
      );
    });
  }

  // The sheet with every pixel a square of `times` pixels: shrunk from there to any size, pixels keep sharp edges.
  enlarged(times) {
    const {image} = this.tiles,
      canvas = el('canvas', {width: image.naturalWidth * times, height: image.naturalHeight * times});
    const pen = canvas.getContext('2d');
    pen.imageSmoothingEnabled = false;
    pen.drawImage(image, 0, 0, canvas.width, canvas.height);
    return {canvas, times};
  }
}

// The tiles of a sheet; what is see-through at the end of its last row is no tile.
const cut = (image) => {
  const step = (image.naturalWidth + GAP) / COLUMNS,
    size = step - GAP,
    rows = (image.naturalHeight + GAP) / step;
  const canvas = el('canvas', {width: image.naturalWidth, height: image.naturalHeight}),
    pen = canvas.getContext('2d', {willReadFrequently: true});
  pen.drawImage(image, 0, 0);
  const origin = (i) => [(i % COLUMNS) * step, Math.floor(i / COLUMNS) * step];
  let count = Math.round(rows) * COLUMNS;
  while (count > 1 && pen.getImageData(...origin(count - 1), 1, 1).data[3] === 0) count -= 1;
  return {image, size, step, origin, count};
};
