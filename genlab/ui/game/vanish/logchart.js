// A chart whose axes are powers of ten: lines over n, a mark at one n, a click or drag that chooses another.

import {svg} from '../../shell/words.js';

const LOG_PAD = {left: 54, right: 14, top: 10, bottom: 36};

export class LogChart {
  // lines: [{label, color, x, y}], y above 0
  constructor(host, {x_title, y_title, onPick}) {
    Object.assign(this, {host, x_title, y_title, onPick, lines: []});
    this.svg = svg('svg', {class: 'logchart', role: 'img'});
    host.append(this.svg);
    this.sight = new ResizeObserver(() => this.draw());
    this.sight.observe(host);
    this.svg.onpointerdown = (event) => {
      this.svg.setPointerCapture(event.pointerId);
      this.pick(event);
    };
    this.svg.onpointermove = (event) => {
      if (event.buttons) this.pick(event);
    };
  }

  close() {
    this.sight.disconnect();
  }

  show(lines, at, label) {
    Object.assign(this, {lines, at});
    this.svg.setAttribute('aria-label', label);
    this.draw();
  }

  pick(event) {
    const box = this.svg.getBoundingClientRect(),
      share = (event.clientX - box.left - LOG_PAD.left) / (box.width - LOG_PAD.left - LOG_PAD.right);
    this.onPick(10 ** (this.x0 + share * (this.x1 - this.x0)));
  }

  draw() {
    const width = this.host.clientWidth,
      height = this.host.clientHeight;
    if (width < 80 || height < 80 || !this.lines.length) return;
    this.svg.setAttribute('viewBox', `0 0 ${width} ${height}`);
    this.svg.replaceChildren();
    const logs = (name) => this.lines.flatMap((line) => line[name].map(Math.log10));
    [this.x0, this.x1] = [Math.min(...logs('x')), Math.max(...logs('x'))];
    const low = Math.max(-7, Math.floor(Math.min(...logs('y')))),
      high = Math.ceil(Math.max(...logs('y')));
    const x = (v) => LOG_PAD.left + ((Math.log10(v) - this.x0) / (this.x1 - this.x0)) * (width - LOG_PAD.left - LOG_PAD.right);
    const y = (v) => LOG_PAD.top + ((high - Math.max(low, Math.log10(v))) / (high - low || 1)) * (height - LOG_PAD.top - LOG_PAD.bottom);
    for (let power = low; power <= high; power += 1) {
      this.svg.append(
        svg('line', {class: 'grid', x1: LOG_PAD.left, x2: width - LOG_PAD.right, y1: y(10 ** power), y2: y(10 ** power)}),
        svg(
          'text',
          {'class': 'tick', 'x': LOG_PAD.left - 6, 'y': y(10 ** power) + 4, 'text-anchor': 'end'},
          power < -3 ? `1e\u2212${-power}` : `${+(10 ** power).toPrecision(1)}`,
        ),
      );
    }
    for (let power = Math.ceil(this.x0); power <= this.x1; power += 1) {
      this.svg.append(
        svg('text', {'class': 'tick', 'x': x(10 ** power), 'y': height - LOG_PAD.bottom + 16, 'text-anchor': 'middle'}, `${10 ** power}`),
      );
    }
    this.svg.append(
      svg('text', {'class': 'tick', 'x': width - LOG_PAD.right, 'y': height - 4, 'text-anchor': 'end'}, this.x_title),
      svg('text', {class: 'tick', x: 4, y: height - 4}, this.y_title),
      svg('line', {class: 'mark', x1: x(this.at), x2: x(this.at), y1: LOG_PAD.top, y2: height - LOG_PAD.bottom}),
    );
    for (const line of this.lines) {
      this.svg.append(
        svg('path', {
          'class': 'line',
          'stroke': line.color,
          'data-line': line.label,
          'd': line.x.map((v, i) => `${i ? 'L' : 'M'}${x(v)} ${y(line.y[i])}`).join(''),
        }),
      );
      const i = line.x.indexOf(this.at);
      if (i >= 0) this.svg.append(svg('circle', {cx: x(this.at), cy: y(line.y[i]), r: 5, fill: line.color}));
    }
  }
}
