// D's scores of three kinds of images as outlines of histograms, with the border above which D says "real".

import {Chart} from '../../shell/chart.js';
import {el} from '../../shell/words.js';

class Scores {
  constructor(root) {
    const find = (name) => root.querySelector(`[data-part=${name}]`);
    Object.assign(this, {root, key: find('key')});
    this.chart = new Chart(find('plot'), {x_title: 'score by D', y_title: 'share of images', hover: (x) => this.chart.crossAt(x)});
  }

  show({edges, border, kinds}) {
    const named = getComputedStyle(this.root.host || this.root)
      .getPropertyValue('--st-chart-categorical-colors')
      .split(',')
      .map((c) => c.trim());
    const color = (i) => (named.length > 2 ? named : ['#0072b2', '#d55e00', '#009e73'])[i];
    const x = edges.flatMap((edge, i) => (i === 0 || i === edges.length - 1 ? [edge] : [edge, edge]));
    const lines = kinds.map(({label, shares}, i) => ({label, color: color(i), exact: true, x, y: shares.flatMap((share) => [share, share])}));
    const marks = border > edges[0] && border < edges.at(-1) ? [{x: border, text: 'border'}] : [];
    this.chart.show(lines, marks, `Scores by D: ${kinds.map(({label, text}) => `${label} ${text}`).join(', ')}`);
    this.key.replaceChildren(
      ...kinds.map(({label, text}, i) => el('span', {}, el('span', {class: 'swatch', style: `background: ${color(i)}`}), `${label}: ${text}`)),
    );
  }
}

export default function ({data, parentElement}) {
  parentElement.scores ??= new Scores(parentElement.querySelector('.panel'));
  parentElement.scores.show(data);
  return () => {
    parentElement.scores.chart.close();
    delete parentElement.scores;
  };
}
