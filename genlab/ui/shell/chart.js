// One chart: lines over training, marks where something was changed, a crosshair that says the values.
// A line is {label, color, x, y, dots, exact}; x and y are arrays of equal length, null where there is no value; an exact one is not averaged.
// With log, heights are by powers of ten; what is not above LEAST lies there.

import {el, short, svg} from './words.js';

export const PAD = {left: 52, right: 12, top: 10, bottom: 34},
  LEAST = 1e-3;

export class Chart {
  constructor(host, {x_title, y_title = '', log = false, hover = () => {}}) {
    const up = log ? (v) => Math.log10(Math.max(v, LEAST)) : (v) => v;
    Object.assign(this, {host, x_title, y_title, log, up, hover, lines: [], marks: [], cross: null});
    this.svg = svg('svg', {role: 'img', class: 'chart'});
    host.append(this.svg);
    this.note = el('div', {class: 'note'});
    host.append(this.note);
    this.sight = new ResizeObserver(() => this.draw());
    this.sight.observe(host);
    this.svg.addEventListener('pointermove', (event) => this.point(event));
    this.svg.addEventListener('pointerleave', () => this.hover(null));
  }

  close() {
    this.sight.disconnect();
  }

  show(lines, marks = [], label = '') {
    Object.assign(this, {lines: lines.filter((line) => line.x.length), marks});
    this.svg.setAttribute('aria-label', label);
    this.draw();
  }

  point(event) {
    if (this.scale) this.hover(this.scale.x0 + (event.offsetX - PAD.left) / this.scale.kx);
  }

  draw() {
    const width = this.host.clientWidth,
      height = this.host.clientHeight;
    if (width < 80 || height < 80) return;
    this.svg.setAttribute('viewBox', `0 0 ${width} ${height}`);
    this.svg.replaceChildren();
    if (!this.lines.length) return;
    const [x0, x1] = range(this.lines.map((line) => line.x)),
      [y0, y1] = this.log
        ? powers(
            this.lines.map(({y}) => y),
            this.up,
          )
        : heights(this.lines);
    const inner = {w: width - PAD.left - PAD.right, h: height - PAD.top - PAD.bottom};
    const kx = inner.w / (x1 - x0 || 1),
      ky = inner.h / (y1 - y0 || 1);
    this.scale = {x0, kx, x: (v) => PAD.left + (v - x0) * kx, y: (v) => PAD.top + inner.h - (this.up(v) - y0) * ky, width, height, inner};
    this.axes(x0, x1, y0, y1);
    const clip = `clip${Math.random().toString(36).slice(2)}`,
      box = svg('clipPath', {id: clip});
    box.append(svg('rect', {x: PAD.left, y: PAD.top - 3, width: inner.w + 4, height: inner.h + 4}));
    this.inside = svg('g', {'clip-path': `url(#${clip})`});
    this.svg.append(box, this.inside);
    this.lines.forEach((line) => this.line(line));
    this.marks.forEach((mark, i) => this.mark(mark, i));
    this.hair = svg('g', {class: 'hair'});
    this.svg.append(this.hair);
    this.crossAt(this.cross);
  }

  axes(x0, x1, y0, y1) {
    const {x, y, height, width, inner} = this.scale;
    const most = Math.max(3, Math.min(6, inner.h / 34));
    for (const v of this.log ? steps(y0, y1) : ticks(y0, y1, most)) {
      this.svg.append(svg('line', {class: 'grid', x1: PAD.left, x2: width - PAD.right, y1: y(v), y2: y(v)}));
      this.svg.append(
        svg('text', {'class': 'tick', 'x': PAD.left - 6, 'y': y(v) + 4, 'text-anchor': 'end'}, this.log ? short(v) : tickText(v, y1 - y0)),
      );
    }
    for (const v of ticks(x0, x1, Math.max(3, Math.min(8, inner.w / 52)))) {
      this.svg.append(svg('text', {'class': 'tick', 'x': x(v), 'y': height - PAD.bottom + 15, 'text-anchor': 'middle'}, tickText(v, x1 - x0)));
    }
    this.svg.append(svg('text', {'class': 'tick', 'x': width - PAD.right, 'y': height - 4, 'text-anchor': 'end'}, this.x_title));
    if (this.y_title) this.svg.append(svg('text', {class: 'tick', x: 4, y: height - 4}, this.y_title));
  }

  line({x, y, color, dots, exact, label}) {
    const smooth = dots || exact || y.length < 60 ? y : averaged(y, Math.round(y.length / 60));
    if (smooth !== y) this.inside.append(svg('path', {class: 'raw', d: this.path(x, y), stroke: color}));
    this.inside.append(svg('path', {'class': dots ? 'line dotted' : 'line', 'd': this.path(x, smooth), 'stroke': color, 'data-line': label}));
    if (dots)
      x.forEach((v, i) => y[i] !== null && this.inside.append(svg('circle', {cx: this.scale.x(v), cy: this.scale.y(y[i]), r: 3.2, fill: color})));
  }

  path(x, y) {
    let d = '',
      pen = 'M';
    for (let i = 0; i < x.length; i++) {
      if (y[i] === null) {
        pen = 'M';
        continue;
      }
      d += `${pen}${this.scale.x(x[i]).toFixed(1)} ${this.scale.y(y[i]).toFixed(1)}`;
      pen = 'L';
    }
    return d;
  }

  mark({x, text}, i) {
    const at = this.scale.x(x),
      right = at > this.scale.width * 0.6;
    this.inside.append(svg('line', {class: 'mark', x1: at, x2: at, y1: PAD.top, y2: PAD.top + this.scale.inner.h}));
    this.inside.append(
      svg('text', {'class': 'mark', 'x': at + (right ? -4 : 4), 'y': PAD.top + 12 + (i % 3) * 14, 'text-anchor': right ? 'end' : 'start'}, text),
    );
  }

  crossAt(value) {
    this.cross = value;
    if (!this.hair) return;
    this.hair.replaceChildren();
    this.note.textContent = '';
    if (value === null || !this.scale) return;
    const parts = this.lines.map((line) => [line, nearest(line.x, value)]).filter(([line, i]) => i >= 0 && line.y[i] !== null);
    if (!parts.length) return;
    const at = this.scale.x(parts[0][0].x[parts[0][1]]);
    this.hair.append(svg('line', {x1: at, x2: at, y1: PAD.top, y2: PAD.top + this.scale.inner.h}));
    for (const [line, i] of parts)
      this.hair.append(svg('circle', {cx: this.scale.x(line.x[i]), cy: this.scale.y(line.y[i]), r: 4, fill: line.color}));
    this.note.textContent =
      `${this.x_title} ${short(parts[0][0].x[parts[0][1]])}: ` + parts.map(([line, i]) => `${line.label} ${short(line.y[i])}`).join(' · ');
  }
}

const range = (columns) => {
  let low = Infinity,
    high = -Infinity;
  for (const column of columns)
    for (const v of column)
      if (v !== null) {
        low = Math.min(low, v);
        high = Math.max(high, v);
      }
  return [low, high];
};

// The range of what matters: the first steps of a new network would flatten everything after them.
const heights = (lines) => {
  const settled = lines.map(({x, y}) => {
    const [x0, x1] = range([x]);
    return y.filter((v, i) => v !== null && x[i] >= x0 + (x1 - x0) * 0.04);
  });
  const [low, high] = range(settled.map((values, i) => (values.length < 4 ? lines[i].y : values)));
  if (!Number.isFinite(low)) return [0, 1];
  const air = (high - low) * 0.06 || Math.abs(high) * 0.05 || 1;
  return [low - (low >= 0 && low < air ? low : air), high + air];
};

// The same on a scale of powers: everything counts, and 1, 2 and 5 of each power are named.
const powers = (columns, up) => {
  const [low, high] = range(columns).map(up),
    air = (high - low) * 0.06 || 0.1;
  return Number.isFinite(low) ? [low - air, high + air] : [-1, 1];
};

export const steps = (low, high) => {
  const found = [];
  for (let power = Math.floor(low); power <= high; power++) found.push(...[1, 2, 5].map((m) => m * 10 ** power));
  return found.filter((v) => Math.log10(v) >= low && Math.log10(v) <= high);
};

export const ticks = (low, high, most) => {
  const rough = (high - low) / most || 1,
    power = 10 ** Math.floor(Math.log10(rough));
  const pace = [1, 2, 5, 10].find((m) => m * power >= rough) * power,
    found = [];
  for (let v = Math.ceil(low / pace) * pace; v <= high + pace * 1e-9; v += pace) found.push(Math.abs(v) < pace * 1e-9 ? 0 : v);
  return found;
};

export const tickText = (v, span) => {
  if (Math.abs(v) >= 1e5) return `${+(v / 1000).toPrecision(4)}k`.replace('-', '\u2212');
  const digits = Math.max(0, Math.min(4, Math.ceil(-Math.log10(span)) + 1));
  return (+v.toFixed(digits)).toString().replace('-', '\u2212');
};

const averaged = (y, reach) =>
  y.map((_, i) => {
    const near = y.slice(Math.max(0, i - reach), i + reach + 1).filter((v) => v !== null);
    return near.length ? near.reduce((a, b) => a + b) / near.length : null;
  });

export const nearest = (x, value) => {
  let low = 0,
    high = x.length - 1;
  while (high - low > 1) {
    const mid = (low + high) >> 1;
    if (x[mid] < value) low = mid;
    else high = mid;
  }
  return high < 0 ? -1 : Math.abs(x[low] - value) <= Math.abs(x[high] - value) ? low : high;
};
