// D trained ahead: what four losses of G leave of its gradient after n updates of D. Every moment was computed; none lies between two.

import {Plane} from '../game/plane.js';
import {LogChart} from './logchart.js';
import {el, short} from '../../shell/words.js';

const MOMENT_MS = 450;

class Vanish {
  constructor(host) {
    this.host = host;
    this.root = host.querySelector('.vanish');
    [this.button, this.input, this.output, this.views] = ['.play', 'input', 'output', '.views'].map((s) => this.root.querySelector(s));
    this.saying = this.root.querySelector('.say');
    this.input.oninput = () => {
      this.stop();
      this.show(Number(this.input.value));
    };
    this.input.onchange = () => this.tell();
    this.button.onclick = () => (this.timer ? this.stop() : this.play());
    this.chart = new LogChart(this.root.querySelector('.plot'), {x_title: 'updates of D while G waits', y_title: '', onPick: (n) => this.near(n)});
  }

  close() {
    clearInterval(this.timer);
    this.chart.close();
  }

  update(data, setState) {
    const isOther = data.stamp !== this.data?.stamp,
      isPlayed = !this.data && !matchMedia('(prefers-reduced-motion: reduce)').matches;
    Object.assign(this, {data, setState});
    this.colour();
    if (!isOther) return;
    const {fakes, steps} = data;
    this.input.max = steps.length - 1;
    this.fakes = int16(fakes);
    this.moments = steps.map((n, i) =>
      data.losses.map((loss, j) => ({
        cells: data.cells,
        heat: bytes(data.heats[j][i]),
        n: this.fakes.length / 2,
        fakes: this.fakes,
        arrows: int16(data.arrows[j][i].steps),
        longest: data.arrows[j][i].longest,
        lines: 0,
        columns: 0,
        grid: [],
      })),
    );
    this.build();
    const asked = steps.indexOf(data.n);
    this.show(asked >= 0 ? asked : steps.length - 1);
    if (isPlayed && asked < 0) this.play();
  }

  build() {
    this.cards = this.data.losses.map(({title, about}) => {
      const canvas = el('canvas', {'role': 'img', 'aria-label': `Gradient at each fake under ${title}`}),
        norm = el('b'),
        caption = el('figcaption', {}, title, ' ', norm, el('br'), about);
      return {canvas, norm, caption, node: el('figure', {}, canvas, caption), plane: new Plane(canvas)};
    });
    this.cards.forEach(({plane}) => {
      plane.extent = this.data.extent;
      Object.assign(plane, {size: 2}).shown.grid = false;
    });
    this.views.replaceChildren(...this.cards.map(({node}) => node));
    this.looks = '';
    this.colour();
  }

  show(i) {
    this.at = i;
    this.input.value = i;
    const {steps, losses, norms, words} = this.data;
    this.output.textContent = `n = ${steps[i]} update${steps[i] === 1 ? '' : 's'} of D`;
    this.saying.textContent = words[i];
    this.cards.forEach(({plane, norm}, j) => {
      plane.show(this.moments[i][j], this.data);
      norm.textContent = short(norms[j][i]);
    });
    this.chart.show(
      losses.map(({title}, j) => ({label: title, color: this.lines[j], x: steps, y: norms[j]})),
      steps[i],
      `Norm of the gradient of G over updates of D: ${losses.map(({title}, j) => `${title} ${short(norms[j][i])}`).join(', ')}`,
    );
  }

  near(n) {
    this.stop();
    const {steps} = this.data,
      far = steps.map((v) => Math.abs(Math.log(v / n)));
    this.show(far.indexOf(Math.min(...far)));
    this.tell();
  }

  play() {
    if (this.at >= this.data.steps.length - 1) this.show(0);
    this.button.textContent = 'Pause';
    this.timer = setInterval(() => {
      if (this.at + 1 < this.data.steps.length) this.show(this.at + 1);
      else this.stop();
    }, MOMENT_MS);
  }

  stop() {
    const wasPlaying = this.timer;
    clearInterval(this.timer);
    this.timer = 0;
    this.button.textContent = 'Play';
    if (wasPlaying && this.at + 1 < this.data.steps.length) this.tell();
  }

  tell() {
    clearTimeout(this.telling);
    this.telling = setTimeout(() => this.setState('n', this.data.steps[this.at]), 300);
  }

  colour() {
    const style = getComputedStyle(this.host.host || this.host),
      value = (name) => style.getPropertyValue(name).trim();
    const named = value('--st-chart-categorical-colors')
        .split(',')
        .map((c) => c.trim()),
      ground = value('--st-background-color'),
      key = `${named} ${ground}`;
    if (key === this.looks) return;
    this.looks = key;
    this.lines = [named[1], named[0], named[4], named[2]];
    this.cards?.forEach(({plane, caption}, j) => {
      plane.look({real: named[0], fake: named[1], arrow: named[3], ground});
      caption.style.setProperty('--line', this.lines[j]);
    });
    if (this.cards && this.at !== undefined) this.show(this.at);
  }
}

const bytes = (base64) => Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
const int16 = (base64) => new Int16Array(bytes(base64).buffer);

export default function ({data, parentElement, setStateValue}) {
  parentElement.vanish ??= new Vanish(parentElement);
  parentElement.vanish.update(data, setStateValue);
  return () => {
    parentElement.vanish?.close();
    delete parentElement.vanish;
  };
}
