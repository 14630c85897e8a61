// Points of a known density over the density itself; how many are shown changes as fast as a hand moves.

import {Mean} from './mean.js';
import {el, short, whole} from '../../shell/words.js';

const COUNTS = [1, 14, 70, 500, 2000, 20000],
  SIDE = 1056; // canvas pixels: four for each cell of the density

class Points {
  constructor(root, tell) {
    const find = (selector) => root.querySelector(selector);
    Object.assign(this, {
      tell,
      canvas: find('.plane canvas'),
      here: find('.here'),
      ramp: find('.ramp'),
      top: find('.top'),
      slider: find('input'),
      output: find('output'),
      reading: find('.reading'),
      note: find('.note'),
      mean: new Mean(find('.mean')),
    });
    Object.assign(this.canvas, {width: SIDE, height: SIDE});
    this.chips = COUNTS.map((n) => el('button', {type: 'button'}, whole(n)));
    find('.chips').append(...this.chips);
    this.chips.forEach((chip, i) => {
      chip.onclick = () => {
        this.set(COUNTS[i]);
        this.tell('n', this.n);
      };
    });
    this.slider.oninput = () => this.set(Math.round(this.most ** +this.slider.value));
    this.slider.onchange = () => this.tell('n', this.n);
    this.canvas.onpointermove = (event) => this.point(event);
    this.canvas.onpointerleave = () => {
      this.here.textContent = '';
    };
  }

  show(data, colours) {
    if (data.stamp === this.data?.stamp) return;
    const isFirst = !this.data;
    this.data = data;
    this.colours = colours;
    const points = new Int16Array(bytes(data.points).buffer),
      nll = new Float32Array(bytes(data.nll).buffer);
    Object.assign(this, {points, most: nll.length, heat: bytes(data.heat)});
    this.canvas.setAttribute('aria-label', `Density of ${data.title} and points drawn from it`);
    this.top.textContent = short(data.top);
    this.paint();
    this.mean.load(nll, data.entropy);
    this.set(isFirst ? data.n : this.n);
  }

  // The density in colour, once for each shape.
  paint() {
    const {cells} = this.data,
      table = viridis(this.colours),
      image = new ImageData(cells, cells),
      ramp = new ImageData(256, 1);
    this.heat.forEach((v, i) => image.data.set(table[v], 4 * ((cells - 1 - Math.floor(i / cells)) * cells + (i % cells))));
    table.forEach((colour, v) => ramp.data.set(colour, 4 * v));
    this.ramp.getContext('2d').putImageData(ramp, 0, 0);
    this.ground = el('canvas', {width: cells, height: cells});
    this.ground.getContext('2d').putImageData(image, 0, 0);
  }

  set(n) {
    this.n = Math.max(1, Math.min(n, this.most));
    this.slider.value = Math.log(this.n) / Math.log(this.most);
    this.slider.setAttribute('aria-valuetext', `${this.n} points`);
    this.output.textContent = whole(this.n);
    this.chips.forEach((chip, i) => chip.setAttribute('aria-pressed', COUNTS[i] === this.n));
    if (!this.frame)
      this.frame = requestAnimationFrame(() => {
        this.frame = null;
        this.draw();
      });
  }

  draw() {
    const pen = this.canvas.getContext('2d'),
      {n, points} = this,
      radius = Math.max(2.2, 9 - 1.7 * Math.log10(n));
    pen.globalAlpha = 1;
    pen.imageSmoothingQuality = 'high';
    pen.drawImage(this.ground, 0, 0, SIDE, SIDE);
    pen.fillStyle = '#fff';
    pen.strokeStyle = '#000';
    pen.globalAlpha = n > 2000 ? 0.45 : 0.9;
    for (let i = 0; i < n; i += 1) {
      const x = SIDE * (points[2 * i] / 65534 + 0.5),
        y = SIDE * (0.5 - points[2 * i + 1] / 65534);
      if (n > 5000) {
        pen.fillRect(x - radius / 2, y - radius / 2, radius, radius);
        continue;
      }
      pen.beginPath();
      pen.arc(x, y, radius, 0, 7);
      pen.fill();
      if (n <= 2000) pen.stroke();
    }
    this.mean.mark(n);
    this.say();
  }

  say() {
    const {mean, error} = this.mean.of(this.n),
      {entropy, gaussian} = this.data,
      off = Math.abs(mean - entropy) / (error || Infinity);
    const points = this.n === 1 ? 'One point needs' : `${whole(this.n)} points need`,
      plus = this.n === 1 ? '' : ` \u00b1 ${error.toFixed(2)}`;
    const verdict =
      this.n === 1 ? 'One point says little.' : off < 2 ? 'They fit it.' : `That is ${off.toFixed(1)} standard errors away; more points will tell.`;
    this.reading.textContent = `${points} ${signed(mean)}${plus} nats ${this.n === 1 ? '' : 'each '}under the true density; on average it is the entropy, ${signed(entropy)} nats. ${verdict}`;
    this.note.textContent = `A single Gaussian fitted to them all needs ${signed(gaussian)} nats per point. The ${signed(gaussian - entropy)} nats between are what a better model can win.`;
  }

  point(event) {
    const box = this.canvas.getBoundingClientRect(),
      {cells, top, extent} = this.data;
    const [u, v] = [(event.clientX - box.left) / box.width, 1 - (event.clientY - box.top) / box.height];
    const at = (share) => Math.max(0, Math.min(cells - 1, Math.floor(share * cells)));
    const p = (this.heat[at(v) * cells + at(u)] / 255) * top,
      place = [u, v].map((share) => signed(extent * (2 * share - 1))).join(', ');
    this.here.textContent = `(${place}): density ${p.toFixed(2)}`;
  }
}

const signed = (v) => v.toFixed(2).replace('-', '\u2212');

const bytes = (base64) => Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));

// 256 colours along a few; each [r, g, b, 255]
const viridis = (colours) =>
  Array.from({length: 256}, (_, v) => {
    const place = (v / 255) * (colours.length - 1),
      i = Math.min(Math.floor(place), colours.length - 2),
      t = place - i;
    const channel = (c, k) => parseInt(c.slice(1 + 2 * k, 3 + 2 * k), 16);
    return [...[0, 1, 2].map((k) => Math.round((1 - t) * channel(colours[i], k) + t * channel(colours[i + 1], k))), 255];
  });

export default function ({data, parentElement, setStateValue}) {
  parentElement.points ??= new Points(parentElement.querySelector('.points'), setStateValue);
  parentElement.points.tell = setStateValue;
  parentElement.points.show(data, data.colours);
}
