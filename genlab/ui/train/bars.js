// KL of each latent as bars, the largest first; dead ones grey.

import {PAD, tickText, ticks} from '../shell/chart.js';
import {short, svg} from '../shell/words.js';

const DEAD = 0.01; // nats; about the variance of 0.01 below which Burda et al. 2016 (arXiv 1509.00519) call a unit inactive

export class Bars {
  constructor(host) {
    this.host = host;
    this.svg = svg('svg', {role: 'img', class: 'chart'});
    host.append(this.svg);
    this.sight = new ResizeObserver(() => this.draw());
    this.sight.observe(host);
    this.values = [];
  }

  close() {
    this.sight.disconnect();
  }

  // What the bars say, in one line.
  show(values) {
    this.values = values.map((v, i) => [v ?? 0, i]).sort((a, b) => b[0] - a[0]);
    this.draw();
    const dead = this.values.filter(([v]) => v < DEAD).length,
      n = values.length;
    const text = dead
      ? `${n - dead} of ${n} latents say something about the image; ${dead} ${dead === 1 ? 'is' : 'are'} dead (below ${DEAD} nats).`
      : n < 3
        ? `${n === 1 ? 'The one latent says' : 'Both latents say'} something about the image.`
        : `All ${n} latents say something about the image.`;
    this.svg.setAttribute('aria-label', text);
    return text;
  }

  draw() {
    const width = this.host.clientWidth,
      height = this.host.clientHeight,
      n = this.values.length;
    if (width < 80 || !n) return;
    this.svg.setAttribute('viewBox', `0 0 ${width} ${height}`);
    this.svg.replaceChildren();
    const top = Math.max(this.values[0][0] * 1.08, 0.1),
      h = height - PAD.top - PAD.bottom,
      pace = (width - PAD.left - PAD.right) / n;
    const y = (v) => PAD.top + h - (h * v) / top;
    for (const v of ticks(0, top, Math.max(3, h / 34))) {
      this.svg.append(svg('line', {class: 'grid', x1: PAD.left, x2: width - PAD.right, y1: y(v), y2: y(v)}));
      this.svg.append(svg('text', {'class': 'tick', 'x': PAD.left - 6, 'y': y(v) + 4, 'text-anchor': 'end'}, tickText(v, top)));
    }
    const gap = pace > 6 ? 2 : 0,
      every = Math.ceil(22 / pace);
    this.values.forEach(([v, latent], i) => {
      const tall = Math.max(v < DEAD ? 3 : 1, (h * v) / top);
      const bar = svg('rect', {
        class: v < DEAD ? 'dead' : 'alive',
        x: PAD.left + i * pace,
        y: PAD.top + h - tall,
        width: Math.max(pace - gap, 0.6),
        height: tall,
      });
      bar.append(svg('title', {}, `latent ${latent}: ${short(v)} nats${v < DEAD ? ', dead' : ''}`));
      this.svg.append(bar);
      if (i % every === 0)
        this.svg.append(
          svg('text', {'class': 'tick', 'x': PAD.left + (i + 0.5) * pace - gap / 2, 'y': height - PAD.bottom + 15, 'text-anchor': 'middle'}, latent),
        );
    });
    const alive = this.values.filter(([v]) => v >= DEAD).length;
    if (alive < n)
      this.svg.append(
        svg('text', {'class': 'tick', 'x': PAD.left + ((alive + n) / 2) * pace, 'y': PAD.top + h - 10, 'text-anchor': 'middle'}, 'dead'),
      );
    this.svg.append(svg('text', {'class': 'tick', 'x': width - PAD.right, 'y': height - 4, 'text-anchor': 'end'}, 'latent, sorted'));
  }
}
