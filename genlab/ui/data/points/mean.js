// How the average of -log p settles as points are added: a line, its uncertainty of two standard errors, and the entropy.

import {svg, whole} from '../../shell/words.js';

const W = 480,
  H = 240,
  LEFT = 46,
  RIGHT = 12,
  TOP = 10,
  BOTTOM = 26,
  KNOTS = 140;

export class Mean {
  constructor(plot) {
    this.plot = plot;
  }

  // nll: one number for each point; sums: running sums of it and of its square
  load(nll, entropy) {
    const sum = new Float64Array(nll.length + 1),
      square = new Float64Array(nll.length + 1);
    nll.forEach((v, i) => {
      sum[i + 1] = sum[i] + v;
      square[i + 1] = square[i] + v * v;
    });
    Object.assign(this, {sum, square, entropy, most: nll.length});
    const at = [...new Set(Array.from({length: KNOTS}, (_, i) => Math.round(this.most ** (i / (KNOTS - 1)))))];
    this.curve = at.map((n) => ({n, ...this.of(n)}));
    const spread = Math.max(0.05, ...this.curve.filter(({n}) => n >= 5).map(({mean, error}) => Math.abs(mean - entropy) + 2 * error));
    this.low = entropy - spread;
    this.high = entropy + spread;
    this.build();
  }

  // mean and standard error of the first n; the error of a single point is not known
  of(n) {
    const mean = this.sum[n] / n,
      variance = n > 1 ? (Math.max(0, this.square[n] / n - mean * mean) * n) / (n - 1) : Infinity;
    return {mean, error: Math.sqrt(variance / n)};
  }

  x(n) {
    return LEFT + ((W - LEFT - RIGHT) * Math.log(n)) / Math.log(this.most);
  }

  y(v) {
    return Math.max(TOP, Math.min(H - BOTTOM, TOP + ((H - TOP - BOTTOM) * (this.high - v)) / (this.high - this.low)));
  }

  build() {
    const path = (points) => points.map(([a, b], i) => `${i ? 'L' : 'M'}${a.toFixed(1)} ${b.toFixed(1)}`).join('');
    const known = this.curve.filter(({n}) => n > 1);
    const band = [
      ...known.map(({n, mean, error}) => [this.x(n), this.y(mean + 2 * error)]),
      ...known.reverse().map(({n, mean, error}) => [this.x(n), this.y(mean - 2 * error)]),
    ];
    this.dot = svg('circle', {class: 'dot', r: 6});
    const ticks = [1, 10, 100, 1000, 10000]
      .filter((n) => n <= this.most)
      .map((n) => svg('text', {'class': 'tick', 'x': this.x(n), 'y': H - 6, 'text-anchor': 'middle'}, whole(n)));
    const sides = [this.low, this.entropy, this.high].map((v) =>
      svg('text', {'class': 'tick', 'x': LEFT - 6, 'y': this.y(v) + 4, 'text-anchor': 'end'}, v.toFixed(2).replace('-', '\u2212')),
    );
    this.plot.replaceChildren(
      svg('line', {class: 'axis', x1: LEFT, x2: W - RIGHT, y1: H - BOTTOM, y2: H - BOTTOM}),
      ...ticks,
      ...sides,
      svg('path', {class: 'band', d: `${path(band)}Z`}),
      svg('line', {class: 'truth', x1: LEFT, x2: W - RIGHT, y1: this.y(this.entropy), y2: this.y(this.entropy)}),
      svg('path', {class: 'line', d: path(this.curve.map(({n, mean}) => [this.x(n), this.y(mean)]))}),
      svg('text', {class: 'truth-name', x: LEFT + 6, y: this.y(this.entropy) - 6}, 'entropy'),
      this.dot,
    );
  }

  mark(n) {
    this.dot.setAttribute('cx', this.x(n));
    this.dot.setAttribute('cy', this.y(this.of(n).mean));
  }
}
