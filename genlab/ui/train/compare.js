// Curves of several runs over each other, and under them what each makes up.

import {routeAt} from '../shell/address.js';
import {Chart} from '../shell/chart.js';
import {el, short} from '../shell/words.js';
import {Feed} from './feed.js';
import {last} from './readings.js';
import {Sheet} from './sheet.js';

const SCALES = {epochs: ['epoch', 'epoch'], steps: ['step', 'step'], seconds: ['seconds', 'seconds of training']};

class Comparison {
  constructor(root) {
    this.plot = root.querySelector('[data-part=plot]');
    this.legend = root.querySelector('[data-part=legend]');
    this.root = root;
    this.feeds = new Map();
    this.rows = new Map();
  }

  follow(data) {
    this.data = data;
    const colors = getComputedStyle(this.root.host || this.root)
      .getPropertyValue('--st-chart-categorical-colors')
      .split(',')
      .map((c) => c.trim());
    this.color = (i) => colors[i % colors.length] || '#0072b2';
    for (const [id, feed] of this.feeds)
      if (!data.runs.some((run) => run.id === id)) {
        feed.close();
        this.feeds.delete(id);
      }
    this.legend.replaceChildren();
    this.rows.clear();
    data.runs.forEach(({id, title}, i) => this.row(id, title, this.color(i)));
    if (this.chart) this.chart.close();
    this.plot.replaceChildren();
    this.chart = new Chart(this.plot, {
      x_title: SCALES[data.x][1],
      y_title: data.log ? 'log scale' : '',
      log: data.log,
      hover: (x) => this.chart.crossAt(x),
    });
    for (const {id} of data.runs) if (!this.feeds.has(id)) this.feeds.set(id, new Feed(id, () => this.draw()));
    this.draw();
  }

  row(id, title, color) {
    const picture = el('div', {class: 'picture'}),
      value = el('b', {}, '–');
    const name = el('div', {class: 'name'}, el('span', {class: 'swatch', style: `background: ${color}`}), title);
    this.legend.append(el('section', {'class': 'card', 'data-run': id}, name, el('div', {class: 'values'}, value, ` ${this.data.unit}`), picture));
    this.rows.set(id, {value, sheet: new Sheet(picture, {})});
  }

  draw() {
    const {runs, metric, x, split} = this.data,
      axis = SCALES[x][0];
    const lines = runs.map(({id, title, after}, i) => {
      const feed = this.feeds.get(id),
        curves = feed.curves.eval[metric] ? feed.curves.eval : feed.curves[split],
        row = this.rows.get(id),
        values = curves[metric] || [];
      row.value.textContent = short(last(values));
      const {live = 0, kept = []} = feed.pictures || {},
        name = live ? 'live' : kept[kept.length - 1];
      if (name !== undefined)
        row.sheet.show(routeAt(`api/preview/${encodeURIComponent(id)}/${name}-samples.png?v=${live}`), `What ${title} makes up`);
      return {
        label: title,
        color: this.color(i),
        dots: curves !== feed.curves.train,
        x: values.length ? curves[axis].map((v) => (v === null ? v : v + after)) : [],
        y: values,
      };
    });
    this.chart.show(lines, [], `${metric} of ${runs.length} runs`);
  }

  close() {
    for (const feed of this.feeds.values()) feed.close();
    this.feeds.clear();
    if (this.chart) this.chart.close();
  }
}

export default function ({data, parentElement}) {
  const comparison = (parentElement.genlabComparison ||= new Comparison(parentElement));
  comparison.follow(data);
  return () => {
    comparison.close();
    delete parentElement.genlabComparison;
  };
}
