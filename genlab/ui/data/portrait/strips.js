// Rows of small portraits: the same person with one thing changed, and one factor from end to end.

import {inWords} from './controls.js';
import {el} from '../../shell/words.js';

const TILE = 96,
  AT_ONCE = 5,
  STEPS = 9;

export class Strip {
  constructor(root, title, onPick) {
    this.onPick = onPick;
    this.head = el('div', {class: 'head'}, el('h3', {}, title));
    this.tiles = el('div', {class: 'tiles'});
    root.append(el('section', {class: 'strip'}, this.head, this.tiles));
  }

  // variants: [{name, value, caption, isCurrent}]; the parts that draw them, a few portraits each
  parts(face, variants) {
    while (this.tiles.children.length > variants.length) this.tiles.lastChild.remove();
    while (this.tiles.children.length < variants.length) this.tiles.append(this.tile());
    variants.forEach((variant, i) => {
      const tile = this.tiles.children[i];
      tile.lastChild.textContent = variant.caption;
      tile.classList.toggle('current', Boolean(variant.isCurrent));
      tile.onclick = () => this.onPick(variant.name, variant.value);
    });
    const starts = variants.map((_, i) => i).filter((i) => i % AT_ONCE === 0);
    return starts.map((start) => {
      const some = variants.slice(start, start + AT_ONCE);
      const faces = some.map(({name, value}) => ({...face.changes, [name]: value}));
      return {body: {seed: face.seed, person: face.person, size: TILE, faces}, take: (bitmap) => this.draw(bitmap, start, some.length)};
    });
  }

  tile() {
    return el('button', {type: 'button', class: 'tile'}, el('canvas', {width: TILE, height: TILE}), el('span', {class: 'caption'}));
  }

  draw(bitmap, start, count) {
    for (let i = 0; i < count; i += 1) {
      this.tiles.children[start + i].firstChild.getContext('2d').drawImage(bitmap, 0, -i * TILE);
    }
  }
}

// Each factor moved alone: a switch turned, a slider to its farther end, the next choice.
export const changedAlone = (factors, values) =>
  factors.map((factor) => {
    const v = values[factor.name],
      {low, high, choices} = factor;
    const value = factor.kind === 'binary' ? 1 - v : factor.kind === 'categorical' ? (v + 1) % choices.length : v - low > high - v ? low : high;
    const words = inWords(value, factor);
    return {name: factor.name, value, caption: factor.kind === 'continuous' ? `${factor.label} ${words}` : words};
  });

// One factor over all that it may be.
export const endToEnd = (factor, values) => {
  const {low, high, choices, kind, name} = factor,
    count = kind === 'continuous' ? STEPS : kind === 'binary' ? 2 : choices.length;
  const all = Array.from({length: count}, (_, i) => low + ((high - low) * i) / (count - 1));
  const nearest = all.reduce((best, v) => (Math.abs(v - values[name]) < Math.abs(best - values[name]) ? v : best));
  return all.map((value) => ({name, value, caption: inWords(value, factor), isCurrent: value === nearest}));
};
