// Four charts over the updates: losses, D's accuracy, and how far the fakes are from the data.

import {Chart} from '../../shell/chart.js';
import {el, short} from '../../shell/words.js';

const MOST_ROWS = 900,
  REDRAW_MS = 300;
const CHARTS = [
  {
    title: 'Losses',
    unit: '',
    lines: [
      ['loss_D', 'D', 'D'],
      ['loss_G', 'G', 'fake'],
    ],
  },
  {
    title: 'D is right about',
    unit: 'share',
    lines: [
      ['acc_real', 'real', 'real'],
      ['acc_fake', 'fake', 'fake'],
    ],
  },
  {
    title: 'Distance to the data',
    unit: 'JS in nats, W1 in units of the plane',
    lines: [
      ['js', 'JS', 'js'],
      ['w1', 'W1', 'w1'],
    ],
    rare: true,
  },
  {
    title: 'KL',
    unit: 'nats',
    lines: [
      ['kl', 'KL(data \u2016 G)', 'js'],
      ['kl_back', 'KL(G \u2016 data)', 'w1'],
    ],
    rare: true,
  },
];

export class Curves {
  constructor(host) {
    this.charts = CHARTS.map(({title, unit, lines}) => {
      const plot = el('div', {class: 'plot'}),
        card = el('div', {class: 'chartcard'});
      const swatches = lines.map(([, label]) => ({label, dot: el('span', {class: 'swatch'}), value: el('b', {}, '\u2013')}));
      card.append(
        el('h3', {}, title, el('span', {}, unit)),
        el('div', {class: 'values'}, ...swatches.map(({label, dot, value}) => el('span', {}, dot, `${label} `, value))),
        plot,
      );
      host.append(card);
      const chart = new Chart(plot, {x_title: 'updates of G', hover: (at) => this.charts.forEach((c) => c.chart.crossAt(at))});
      return {chart, swatches};
    });
    this.forget();
  }

  forget() {
    this.often = {};
    this.rare = {};
    this.draw();
  }

  close() {
    clearTimeout(this.timer);
    this.charts.forEach(({chart}) => chart.close());
  }

  look(colours) {
    this.colours = colours;
    this.charts.forEach(({swatches}, i) =>
      swatches.forEach(({dot}, j) => {
        dot.style.background = colours[CHARTS[i].lines[j][2]];
      }),
    );
    this.later();
  }

  add(kind, x, row) {
    const table = this[kind],
      had = table.x?.length ?? 0;
    if (had && x < table.x[had - 1]) {
      // it was rewound
      const kept = table.x.findIndex((v) => v >= x);
      for (const name in table) table[name].length = kept;
    }
    (table.x ??= []).push(x);
    for (const name in row) (table[name] ??= Array(table.x.length - 1).fill(null)).push(Number.isFinite(row[name]) ? row[name] : null);
    if (table.x.length > MOST_ROWS) for (const name in table) table[name] = table[name].filter((_, i) => i % 2 || i === MOST_ROWS);
    this.later();
  }

  later() {
    this.timer ||= setTimeout(() => {
      this.timer = 0;
      this.draw();
    }, REDRAW_MS);
  }

  draw() {
    if (!this.colours) return;
    this.charts.forEach(({chart, swatches}, i) => {
      const {title, unit, lines, rare} = CHARTS[i],
        table = rare ? this.rare : this.often,
        x = table.x ?? [];
      chart.show(
        lines.filter(([name]) => table[name]).map(([name, label, colour]) => ({label, color: this.colours[colour], x, y: table[name], exact: rare})),
        [],
        `${title} ${unit}`,
      );
      lines.forEach(([name], j) => {
        swatches[j].value.textContent = short((table[name] ?? []).findLast((v) => v !== null));
      });
    });
  }
}
