// A - B + C: the examples of each part with their mean, the answer in the middle of its neighbours, and what to hold it against.

import {el} from '../../shell/words.js';

const COLUMNS = 8,
  GAP = 2; // as genlab.runs.pictures lays a sheet out

class Board {
  constructor(root) {
    for (const part of ['terms', 'answer', 'sides']) this[part] = root.querySelector(`.${part}`);
  }

  async show(data) {
    if (JSON.stringify(data) === this.shown) return;
    this.shown = JSON.stringify(data);
    const image = new Image();
    image.src = `data:image/png;base64,${data.sheet}`;
    await image.decode();
    if (JSON.stringify(data) !== this.shown) return; // another one came meanwhile
    Object.assign(this, {image, size: data.size});
    this.terms.replaceChildren(...data.terms.map((term, i) => this.term(term, data.signs[i])));
    const nine = el(
      'div',
      {class: 'nine'},
      ...data.answer.cells.map((cell, i) => this.picture(cell, i === 4 ? data.answer.words : `near it`, i === 4 ? 'middle' : '')),
    );
    this.answer.replaceChildren(el('h3', {}, `= ${data.answer.words}`), nine);
    this.sides.replaceChildren(
      ...data.sides.map(({label, note, cell}) => {
        const figure = this.picture(cell, label);
        figure.append(el('figcaption', {}, label, el('div', {class: 'note'}, note)));
        return figure;
      }),
    );
  }

  term({name, words, cells, mean}, sign) {
    const examples = cells.map((cell, i) => this.picture(cell, `${name}, example ${i + 1}: ${words}`));
    const middle = this.picture(mean, `mean of ${name}: ${words}`, 'mean');
    middle.append(el('figcaption', {class: 'note'}, 'mean'));
    return el(
      'div',
      {class: 'term'},
      el('div', {class: 'words'}, words),
      el('div', {class: 'sign'}, sign),
      el('div', {class: 'examples'}, ...examples),
      middle,
    );
  }

  picture(cell, label, kind = '') {
    const canvas = el('canvas', {'role': 'img', 'aria-label': label, 'title': label, 'width': this.size, 'height': this.size});
    canvas.getContext('2d').drawImage(this.image, -(cell % COLUMNS) * (this.size + GAP), -Math.floor(cell / COLUMNS) * (this.size + GAP));
    return el('figure', {class: kind}, canvas);
  }
}

export default function ({data, parentElement}) {
  parentElement.board ??= new Board(parentElement.querySelector('.board'));
  parentElement.board.show(data);
}
