// Which attributes go together: a colour for each correlation, and a click on one to set it.

import {el} from '../../shell/words.js';

const MOST_WIDE = 26,
  SMALLEST = 9; // CSS pixels of a cell

class Matrix {
  constructor(root, tell) {
    Object.assign(this, {root, tell, place: root.querySelector('.scroll'), reading: root.querySelector('.reading'), cells: []});
    this.place.onpointerleave = () => this.rest();
  }

  show(data) {
    this.data = data;
    if (this.names !== JSON.stringify([data.names, data.rows])) this.build();
    data.r.forEach((row, i) => row.forEach((_, j) => this.colour(i, j)));
    this.rest();
  }

  build() {
    const {names, rows: given = names} = this.data; // rows of their own where the matrix is not of pairs
    this.names = JSON.stringify([names, this.data.rows]);
    const side = Math.max(SMALLEST, Math.min(MOST_WIDE, Math.floor((this.place.clientWidth - 110) / names.length)));
    this.cells = given.map(() => []);
    const head = el('tr', {}, el('th'), ...names.map((name) => el('th', {class: 'column', scope: 'col'}, el('span', {}, name))));
    const rows = given.map((name, i) =>
      el('tr', {}, el('th', {class: 'row', scope: 'row'}, name), ...names.map((_, j) => el('td', {}, this.cell(i, j)))),
    );
    const table = el('table', {}, head, ...rows);
    table.style.setProperty('--cell', `${side}px`);
    this.place.replaceChildren(table);
  }

  cell(i, j) {
    const cell = el('button', {type: 'button', class: 'cell', tabindex: i === 0 && j === 1 ? 0 : -1});
    cell.onpointerenter = cell.onfocus = () => this.say(i, j);
    cell.onclick = () => {
      if (!this.isSame(i, j) && this.data.sets) this.tell('pair', [i, j]);
    };
    cell.onkeydown = (event) => this.walk(event, i, j);
    this.cells[i].push(cell);
    return cell;
  }

  colour(i, j) {
    const cell = this.cells[i][j],
      r = this.data.r[i][j],
      {sets, chosen} = this.data;
    const hue = r > 0 ? '#0072b2' : '#d55e00';
    cell.style.background = r === null ? '' : `color-mix(in srgb, ${hue} ${Math.round(100 * Math.abs(r))}%, var(--st-secondary-background-color))`;
    cell.disabled = this.isSame(i, j);
    cell.style.cursor = sets ? 'pointer' : 'default';
    cell.classList.toggle(
      'set',
      chosen.some(([a, b]) => (a === i && b === j) || (a === j && b === i)),
    );
    cell.setAttribute('aria-label', this.words(i, j));
  }

  isSame(i, j) {
    return i === j && !this.data.rows;
  }

  words(i, j) {
    const {names, r, said} = this.data,
      value = r[i][j];
    if (said) return said[i][j];
    return `${names[i]} with ${names[j]}: ` + (value === null ? 'cannot be told, one of them never varies' : `r = ${signed(value)}`);
  }

  say(i, j) {
    this.reading.textContent = this.isSame(i, j)
      ? this.data.names[i]
      : `${this.words(i, j)}.${this.data.sets ? this.data.hint || ' Click to tie them together.' : ''}`;
  }

  rest() {
    this.reading.textContent = this.data.reading;
  }

  walk(event, i, j) {
    const [di, dj] = {ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1]}[event.key] || [0, 0];
    let [a, b] = [i + di, j + dj];
    if (this.isSame(a, b)) [a, b] = [a + di, b + dj]; // over the diagonal
    const next = (di || dj) && this.cells[a]?.[b];
    if (!next) return;
    event.preventDefault();
    event.target.tabIndex = -1;
    next.tabIndex = 0;
    next.focus();
  }
}

const signed = (r) => `${r < 0 ? '\u2212' : '+'}${Math.abs(r).toFixed(2)}`;

export default function ({data, parentElement, setTriggerValue}) {
  parentElement.matrix ??= new Matrix(parentElement.querySelector('.matrix'), setTriggerValue);
  parentElement.matrix.tell = setTriggerValue;
  parentElement.matrix.show(data);
}
