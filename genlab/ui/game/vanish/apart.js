// Two Gaussians that one drags apart, the best D between them, and what JS, W1 and each loss make of the distance.
// Curves are drawn by their formulas; every number comes from the table that was computed (genlab/game/optimal.py).

import {Chart} from '../../shell/chart.js';
import {el, short} from '../../shell/words.js';

const LEFT_OF_0 = 2.4,
  RIGHT_OF_FAR = 2.4,
  FLOOR = -4; // powers of ten: the shortest bar

class Apart {
  constructor(host) {
    this.host = host;
    this.root = host.querySelector('.apart');
    [this.canvas, this.input, this.output, this.saying, this.bars, this.values] = ['canvas', 'input', 'output', '.say', '.pushes', '.values'].map(
      (s) => this.root.querySelector(s),
    );
    this.chart = new Chart(this.root.querySelector('.plot'), {x_title: 'distance of the means', hover: (at) => this.chart.crossAt(at)});
    this.input.oninput = () => this.show(Number(this.input.value));
    this.input.onchange = () => this.tell();
    this.canvas.onpointerdown = (event) => {
      this.canvas.setPointerCapture(event.pointerId);
      this.drag(event);
    };
    this.canvas.onpointermove = (event) => {
      if (event.buttons) this.drag(event);
    };
    this.canvas.onpointerup = () => this.tell();
    this.sight = new ResizeObserver(() => this.data && this.draw());
    this.sight.observe(this.canvas);
  }

  close() {
    this.chart.close();
    this.sight.disconnect();
  }

  update(data, setState) {
    const isOther = data.stamp !== this.data?.stamp;
    Object.assign(this, {data, setState});
    const looks = this.colour();
    if (isOther) {
      Object.assign(this.input, {min: 0, max: data.d.length - 1, step: 1});
      this.i = data.d.findIndex((v) => v >= data.at - 1e-9);
    }
    if (isOther || looks) this.show(this.i);
  }

  drag(event) {
    const box = this.canvas.getBoundingClientRect(),
      {d} = this.data,
      far = d.at(-1);
    const x = ((event.clientX - box.left) / box.width) * (LEFT_OF_0 + far + RIGHT_OF_FAR) - LEFT_OF_0;
    this.show(Math.round((Math.max(0, Math.min(far, x)) / far) * (d.length - 1)));
  }

  tell() {
    clearTimeout(this.telling);
    this.telling = setTimeout(() => this.setState('d', this.data.d[this.i]), 300);
  }

  show(i) {
    const {d, js, kl, w1, pushes, words} = this.data;
    this.i = i;
    this.input.value = i;
    this.output.textContent = `distance ${d[i].toFixed(2)}`;
    this.saying.textContent =
      words[
        Math.min(
          words.length - 1,
          words.findIndex(([up]) => js[i] <= up),
        )
      ][1];
    this.bars.replaceChildren(
      ...pushes.flatMap(({title, values}, j) => {
        const bar = el('div'),
          track = el('div', {class: 'track'}, bar);
        Object.assign(bar.style, {
          width: `${100 * Math.max(0, Math.min(1, (Math.log10(values[i] || 1e-99) - FLOOR) / (2 - FLOOR)))}%`,
          background: this.lines[j],
        });
        return [el('span', {}, title), track, el('b', {}, values[i] < 1e-9 && values[i] > 0 ? '< 1e\u22129' : short(values[i]))];
      }),
    );
    const named = [
      ['JS', js, `${short(js[i])} of ${Math.LN2.toFixed(2)} nats`],
      ['W1', w1, short(w1[i])],
      ['KL', kl, `${short(kl[i])} nats`],
    ];
    this.values.replaceChildren(
      ...named.map(([name, , text], j) => {
        const dot = el('span', {class: 'swatch'});
        dot.style.background = this.curves[j];
        return el('span', {}, dot, `${name} `, el('b', {'data-of': name}, text));
      }),
    );
    this.chart.show(
      named.slice(0, 2).map(([label, y], j) => ({label, color: this.curves[j], x: d, y, exact: true})),
      [{x: d[i], text: 'here'}],
      'JS and W1 over the distance',
    );
    this.draw();
  }

  draw() {
    const {
        canvas,
        data: {d, sigma},
      } = this,
      far = d.at(-1),
      at = d[this.i],
      ratio = Math.min(devicePixelRatio, 2);
    const width = Math.round(canvas.clientWidth * ratio),
      height = Math.round(canvas.clientHeight * ratio),
      pen = canvas.getContext('2d');
    if (!width) return;
    Object.assign(canvas, {width, height});
    canvas.setAttribute('aria-label', `Real Gaussian at 0, fake Gaussian at ${at.toFixed(2)}, and the best D over both`);
    const base = height - 26 * ratio,
      tall = base - 24 * ratio,
      x = (v) => ((v + LEFT_OF_0) / (LEFT_OF_0 + far + RIGHT_OF_FAR)) * width;
    const each = (f) =>
      Array.from({length: 361}, (_, k) => {
        const v = -LEFT_OF_0 + (k / 360) * (LEFT_OF_0 + far + RIGHT_OF_FAR);
        return [x(v), base - tall * f(v)];
      });
    const bell = (mean) => (v) => 0.72 * Math.exp(-((v - mean) ** 2) / (2 * sigma ** 2));
    for (const [mean, colour] of [
      [0, this.real],
      [at, this.fake],
    ])
      this.area(pen, each(bell(mean)), base, colour, ratio);
    pen.strokeStyle = this.text;
    pen.lineWidth = 2.5 * ratio;
    this.path(
      pen,
      each((v) => 1 / (1 + Math.exp(-(at * at - 2 * v * at) / (2 * sigma ** 2)))),
    );
    pen.stroke();
    pen.fillStyle = this.text;
    pen.font = `${13 * ratio}px sans-serif`;
    pen.textAlign = 'center';
    pen.fillText('real', x(0), height - 6 * ratio);
    if (at > 0.5) pen.fillText('fake', x(at), height - 6 * ratio);
    pen.textAlign = 'left';
    pen.fillText('best D: 1 is real', 6 * ratio, 16 * ratio);
  }

  path(pen, points) {
    pen.beginPath();
    points.forEach(([x, y], k) => (k ? pen.lineTo(x, y) : pen.moveTo(x, y)));
  }

  area(pen, points, base, colour, ratio) {
    this.path(pen, points);
    pen.strokeStyle = pen.fillStyle = colour;
    pen.lineWidth = 2 * ratio;
    pen.stroke();
    pen.lineTo(points.at(-1)[0], base);
    pen.lineTo(points[0][0], base);
    pen.globalAlpha = 0.28;
    pen.fill();
    pen.globalAlpha = 1;
  }

  // True where the colours are others than before.
  colour() {
    const style = getComputedStyle(this.host.host || this.host),
      value = (name) => style.getPropertyValue(name).trim();
    const named = value('--st-chart-categorical-colors')
        .split(',')
        .map((c) => c.trim()),
      key = `${named} ${value('--st-text-color')}`;
    if (key === this.looks) return false;
    Object.assign(this, {
      looks: key,
      real: named[0],
      fake: named[1],
      text: value('--st-text-color'),
      lines: [named[1], named[0], named[4], named[2]],
      curves: [named[2], named[3], named[7]],
    });
    return true;
  }
}

export default function ({data, parentElement, setStateValue}) {
  parentElement.apart ??= new Apart(parentElement);
  parentElement.apart.update(data, setStateValue);
  return () => {
    parentElement.apart?.close();
    delete parentElement.apart;
  };
}
