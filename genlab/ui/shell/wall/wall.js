// Images in rows, as large as one likes; a click shows one of them large with what is known about it.

import {el} from '../words.js';

const COLUMNS = 8,
  GAP = 2; // as genlab.runs.pictures lays a sheet out

class Wall {
  constructor(root, tell) {
    const find = (selector) => root.querySelector(selector);
    Object.assign(this, {
      tell,
      tiles: find('.tiles'),
      dialog: find('dialog'),
      large: find('dialog canvas'),
      title: find('h3'),
      known: find('dl'),
      slider: find('.bar input'),
    });
    this.does = Object.fromEntries([...root.querySelectorAll('[data-do]')].map((button) => [button.dataset.do, button]));
    this.slider.oninput = () => {
      this.isChosen = true;
      this.scale();
    };
    this.does.back.onclick = () => this.step(-1);
    this.does.on.onclick = () => this.step(1);
    this.does.open.onclick = () => {
      this.dialog.close();
      this.tell('setTrigger', 'open', this.data.numbers[this.at]);
    };
    this.does.close.onclick = () => this.dialog.close();
    this.dialog.onclose = () => this.tell('setState', 'picked', null);
    this.dialog.onclick = (event) => {
      if (event.target === this.dialog) this.dialog.close();
    };
    this.dialog.onkeydown = (event) => {
      const by = {ArrowLeft: -1, ArrowRight: 1}[event.key];
      if (by) this.step(by);
    };
    this.tiles.onkeydown = (event) => this.walk(event);
  }

  async show(data) {
    if (data.stamp === this.data?.stamp) return;
    const isFirst = !this.data;
    this.data = data;
    if (!this.isChosen) {
      this.slider.value = data.side;
      this.scale();
    } // few images are shown large until somebody wants otherwise
    this.does.open.hidden = !data.opens;
    this.does.open.textContent = data.opens;
    const image = new Image();
    image.src = `data:image/png;base64,${data.sheet}`;
    await image.decode();
    if (data !== this.data) return; // another one came meanwhile
    this.image = image;
    this.fill();
    const picked = data.numbers.indexOf(data.picked);
    if (isFirst && picked >= 0) this.look(picked);
  }

  scale() {
    this.tiles.style.setProperty('--side', `${this.slider.value}px`);
  }

  fill() {
    const {numbers, size} = this.data;
    this.tiles.classList.toggle('few', numbers.length < 10); // a single one need not fill the screen
    while (this.tiles.children.length > numbers.length) this.tiles.lastChild.remove();
    while (this.tiles.children.length < numbers.length) this.tiles.append(this.tile(this.tiles.children.length));
    [...this.tiles.children].forEach((tile, i) => {
      tile.setAttribute('aria-label', `Image ${numbers[i]}`);
      tile.title = `Image ${numbers[i]}`;
      tile.tabIndex = i ? -1 : 0;
      this.draw(tile.firstChild, i, size);
    });
  }

  tile(i) {
    const tile = el('button', {type: 'button', class: 'tile'}, el('canvas'));
    tile.onclick = () => this.look(i);
    return tile;
  }

  draw(canvas, i, size) {
    Object.assign(canvas, {width: size, height: size});
    canvas.getContext('2d').drawImage(this.image, -(i % COLUMNS) * (size + GAP), -Math.floor(i / COLUMNS) * (size + GAP));
  }

  look(i) {
    this.at = i;
    const {numbers, size, words} = this.data;
    this.draw(this.large, i, size);
    this.large.setAttribute('aria-label', `Image ${numbers[i]}`);
    this.title.textContent = `Image ${numbers[i]}`;
    this.known.replaceChildren(...words[i].flatMap(([name, value]) => [el('dt', {}, name), el('dd', {}, value)]));
    if (!words[i].length) this.known.append(el('dd', {}, 'Nothing is known about it besides its pixels.'));
    if (!this.dialog.open) this.dialog.showModal();
    this.tell('setState', 'picked', numbers[i]);
  }

  step(by) {
    const count = this.data.numbers.length;
    this.look((this.at + by + count) % count);
  }

  // Arrow keys go from image to image; Tab leaves the wall.
  walk(event) {
    const all = [...this.tiles.children],
      at = all.indexOf(event.target),
      wide = all.filter((tile) => tile.offsetTop === all[0].offsetTop).length;
    const by = {ArrowLeft: -1, ArrowRight: 1, ArrowUp: -wide, ArrowDown: wide}[event.key];
    if (by === undefined || !all[at + by]) return;
    event.preventDefault();
    all[at].tabIndex = -1;
    all[at + by].tabIndex = 0;
    all[at + by].focus();
  }
}

export default function ({data, parentElement, setStateValue, setTriggerValue}) {
  const tell = (how, name, value) => (how === 'setState' ? setStateValue : setTriggerValue)(name, value);
  parentElement.wall ??= new Wall(parentElement.querySelector('.wall'), tell);
  parentElement.wall.tell = tell;
  parentElement.wall.show(data);
}
