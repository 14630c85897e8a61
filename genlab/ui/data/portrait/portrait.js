// One face that follows its controls, and strips of what it would be with one thing changed.

import {FacesClient} from './client.js';
import {Controls} from './controls.js';
import {Strip, changedAlone, endToEnd} from './strips.js';
import {el} from '../../shell/words.js';

const SIZES = [16, 32, 64, 128, 256],
  PEOPLE = 1e6,
  PAUSE_MS = 140,
  SLOW_MS = 50,
  SEEN = 60;

class Portrait {
  constructor(root, data, tell) {
    Object.assign(this, {root: root.querySelector('.portrait'), data, tell, stats: {latencies: [], draw: 0}});
    root.stats = this.stats;
    this.face = {...data.face, changes: {...data.face.changes}};
    this.own = data.own;
    this.byName = Object.fromEntries(data.factors.map((f) => [f.name, f]));
    this.touched = data.strip;
    this.client = new FacesClient(data.token, (text) => this.complain(text));
    this.build();
    this.changed();
  }

  build() {
    this.canvas = el('canvas', {role: 'img', class: 'face', width: 256, height: 256});
    this.status = el('span', {class: 'status', role: 'status'});
    this.size = el('select', {'aria-label': 'Pixels'}, ...SIZES.map((s) => el('option', {value: s}, `${s} px`)));
    this.size.onchange = () => this.move({size: +this.size.value});
    this.number = el('input', {'type': 'number', 'min': 0, 'step': 1, 'aria-label': 'Person'});
    this.number.onchange = () => this.move({person: Math.max(0, Math.round(+this.number.value) || 0)});
    const stage = el(
      'div',
      {class: 'stage'},
      this.canvas,
      el('div', {class: 'bar'}, el('label', {}, 'Person ', this.number), el('label', {}, 'Size ', this.size), this.status),
      el(
        'div',
        {class: 'bar'},
        this.button('Random person', () => this.move({person: this.stranger(), changes: {}})),
        this.button('Another person, same attributes', () => this.move({person: this.stranger(), changes: this.attributes()})),
        this.button('Reset', () => this.move({changes: {}})),
      ),
    );
    const rack = el('div', {class: 'rack'});
    this.root.append(el('div', {class: 'sides'}, stage, rack));
    this.controls = new Controls(
      rack,
      this.data.factors,
      this.data.groups,
      (name, value, isFinal) => this.set(name, value, isFinal),
      (name) => this.unset(name),
    );
    this.buildStrips();
  }

  buildStrips() {
    const below = el('div', {class: 'strips'});
    this.root.append(below);
    this.range = new Strip(below, 'From end to end', (name, value) => this.set(name, value, true));
    this.alone = new Strip(below, 'The same person, one thing changed', (name, value) => this.set(name, value, true));
    this.which = el('select', {'aria-label': 'Factor of the strip'}, ...this.data.factors.map((f) => el('option', {value: f.name}, f.label)));
    this.which.onchange = () => {
      this.touched = this.which.value;
      this.changed();
      this.commitSoon();
    };
    this.range.head.append(this.which);
  }

  button(text, onclick) {
    const button = el('button', {type: 'button', class: 'action'}, text);
    button.onclick = onclick;
    return button;
  }

  // -- the face ---------------------------------------------------------------------------------------------------

  stranger() {
    return Math.floor(Math.random() * PEOPLE);
  }

  values() {
    return {...this.own, ...this.face.changes};
  }

  attributes() {
    const values = this.values();
    return Object.fromEntries(this.data.attributes.map((name) => [name, values[name]]));
  }

  move(change) {
    Object.assign(this.face, change);
    this.changed();
    this.commitSoon();
  }

  set(name, value, isFinal) {
    this.face.changes[name] = value;
    this.touched = name;
    this.changed();
    if (isFinal) this.commitSoon();
  }

  unset(name) {
    delete this.face.changes[name];
    this.touched = name;
    this.changed();
    this.commitSoon();
  }

  // Shows the face as it is now. Until the answer comes, a new person's controls stand where the old one's did.
  changed() {
    this.show();
    const since = performance.now(),
      {seed, person, size, changes} = this.face;
    this.client.askPortrait({seed, person, size: this.fitting(size), faces: [{...changes}]}, (bitmap, headers) => {
      this.draw(bitmap);
      this.stats.draw = parseFloat((headers.get('Server-Timing') || '').split('dur=')[1]);
      this.know(person, headers.get('Genlab-Person'));
      requestAnimationFrame(() => this.measured(performance.now() - since));
    });
    clearTimeout(this.pause);
    this.pause = setTimeout(() => this.strips(), PAUSE_MS);
  }

  // Half the size while the hand moves on a busy server; the pause brings the whole one.
  fitting(size) {
    const recent = this.stats.latencies.slice(-5).sort((a, b) => a - b);
    this.isHalf = size > 128 && recent.length === 5 && recent[this.isHalf ? 4 : 2] > (this.isHalf ? SLOW_MS / 2 : SLOW_MS);
    return this.isHalf ? size / 2 : size;
  }

  know(person, numbers) {
    if (person !== this.face.person || !numbers) return;
    numbers.split(',').forEach((v, i) => {
      this.own[this.data.columns[i]] = +v;
    });
    this.show();
  }

  strips() {
    if (this.isHalf) {
      this.stats.latencies.length = 0;
      this.changed();
      return;
    }
    const values = this.values(),
      attributes = this.data.factors.filter((f) => this.data.attributes.includes(f.name));
    this.client.askParts([
      ...this.range.parts(this.face, endToEnd(this.byName[this.touched], values)),
      ...this.alone.parts(this.face, changedAlone(attributes, values)),
    ]);
  }

  commitSoon() {
    clearTimeout(this.later);
    this.later = setTimeout(() => this.tell('left', {...this.face, changes: {...this.face.changes}, strip: this.touched}), 300);
  }

  // -- what is seen -----------------------------------------------------------------------------------------------

  show() {
    this.controls.show(this.values(), this.face.changes);
    this.number.value = this.face.person;
    this.size.value = this.face.size;
    this.which.value = this.touched;
  }

  draw(bitmap) {
    if (this.canvas.width !== bitmap.width) Object.assign(this.canvas, {width: bitmap.width, height: bitmap.height});
    this.canvas.getContext('2d').drawImage(bitmap, 0, 0);
    this.canvas.dataset.size = bitmap.width;
    this.canvas.setAttribute('aria-label', `Portrait of person ${this.face.person}`);
  }

  measured(ms) {
    const {latencies} = this.stats;
    latencies.push(ms);
    if (latencies.length > SEEN) latencies.shift();
    const middle = [...latencies].sort((a, b) => a - b)[latencies.length >> 1];
    this.status.textContent = `${middle.toFixed(0)} ms`;
    this.status.title = `From the hand to the picture, median of the last pictures; the server took ${this.stats.draw} ms for the last one.`;
  }

  complain(text) {
    this.status.classList.toggle('troubled', Boolean(text));
    if (text) this.status.textContent = text;
  }

  close() {
    clearTimeout(this.pause);
    clearTimeout(this.later);
    this.client.close();
  }
}

export default function ({data, parentElement, setStateValue}) {
  parentElement.portrait ??= new Portrait(parentElement, data, setStateValue);
  parentElement.portrait.tell = setStateValue;
  return () => {
    parentElement.portrait?.close();
    delete parentElement.portrait;
  };
}
