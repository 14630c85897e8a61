// The game as a diagram: noise becomes fakes, D judges them and real points, losses send gradients back. Parts are lit by name.

import {short, svg} from '../../shell/words.js';

const BOXES = {
  noise: [4, 14, 74, 46, 'noise z'],
  G: [112, 8, 58, 58, 'G'],
  fake: [204, 14, 74, 46, 'fake'],
  real: [204, 112, 74, 46, 'real'],
  D: [322, 56, 58, 58, 'D'],
  lossG: [424, 14, 132, 46, 'loss of G'],
  lossD: [424, 112, 132, 46, 'loss of D'],
};
const WAYS = {
  noiseG: 'M78 37H106',
  Gfake: 'M170 37H198',
  fakeD: 'M278 40L318 70',
  realD: 'M278 132L318 102',
  DlossG: 'M380 72L420 44',
  DlossD: 'M380 100L420 128',
};
const BACK = {
  gradD: 'M424 146C392 152 366 144 356 120',
  gradG: 'M424 26C392 6 350 16 346 50M326 58C312 30 300 20 284 24M204 24C192 12 184 12 174 22',
};

export class Diagram {
  constructor(host) {
    this.svg = svg('svg', {viewBox: '0 0 560 170', class: 'diagram', role: 'img'});
    this.parts = {};
    this.svg.append(arrowHead('head', 'way'), arrowHead('back-head', 'back'));
    for (const [name, d] of Object.entries(WAYS)) this.add(name, svg('path', {d, 'class': 'way', 'marker-end': 'url(#head)'}));
    for (const [name, d] of Object.entries(BACK)) this.add(name, svg('path', {d, 'class': 'back', 'marker-end': 'url(#back-head)'}));
    for (const [name, [x, y, width, height, text]] of Object.entries(BOXES)) this.box(name, x, y, width, height, text);
    host.append(this.svg);
    this.light(null);
  }

  add(name, node) {
    this.parts[name] = node;
    node.dataset.part = name;
    this.svg.append(node);
  }

  box(name, x, y, width, height, text) {
    const group = svg('g', {class: `box ${name}`}),
      isLoss = name.startsWith('loss');
    group.append(
      svg('rect', {x, y, width, height, rx: name === 'G' || name === 'D' ? 12 : 4}),
      svg('text', {'x': x + width / 2, 'y': y + height / 2 + (isLoss ? -3 : 6), 'text-anchor': 'middle'}, text),
    );
    if (isLoss) group.append(svg('text', {'x': x + width / 2, 'y': y + height / 2 + 16, 'text-anchor': 'middle', 'class': 'value'}, ''));
    this.add(name, group);
  }

  light(names) {
    this.svg.classList.toggle('staged', Boolean(names));
    for (const [name, node] of Object.entries(this.parts)) node.classList.toggle('lit', Boolean(names?.includes(name)));
    this.svg.setAttribute(
      'aria-label',
      names ? `Lit now: ${names.join(', ')}` : 'Noise becomes fakes in G; D judges fakes and real points; losses send gradients back',
    );
  }

  losses({D, G}) {
    for (const [name, value] of [
      ['lossD', D],
      ['lossG', G],
    ]) {
      if (Number.isFinite(value)) this.parts[name].querySelector('.value').textContent = short(value);
    }
  }
}

const arrowHead = (id, name) => {
  const marker = svg('marker', {id, viewBox: '0 0 8 8', refX: 6, refY: 4, markerWidth: 7, markerHeight: 7, orient: 'auto'});
  marker.append(svg('path', {d: 'M0 0L8 4L0 8Z', class: name}));
  return marker;
};
