// The waypoints of a path in their order, and images to add to them. A name says what each is: image:3, seed:7, or something of Python's.

import {routeAt} from '../../shell/address.js';

class Stops {
  constructor(root) {
    this.root = root;
    for (const part of ['chosen', 'offer', 'hint']) this[part] = root.querySelector(`.${part}`);
    this.tools = Object.fromEntries([...root.querySelectorAll('[data-do]')].map((button) => [button.dataset.do, button]));
    for (const [name, button] of Object.entries(this.tools)) button.onclick = () => this[name]();
    Object.assign(this, {n: 0, page: 0, at: null});
  }

  update(data, setState) {
    const isOtherRun = data.run !== this.data?.run;
    Object.assign(this, {data, setState});
    if (data.n > this.n) Object.assign(this, {n: data.n, names: [...data.names], at: null});
    if (isOtherRun) {
      this.page = 0;
      this.buildOffer();
    }
    this.show();
  }

  address(name) {
    const [kind, value] = name.split(':'),
      {run, pictures} = this.data;
    if (pictures[name]) return pictures[name];
    return routeAt(kind === 'seed' ? `api/thumb/prior/${run}/${value}.png` : `api/thumb/run/${run}/seen/${value}.png`);
  }

  show() {
    const {names, at} = this,
      {uses, most} = this.data;
    const tiles = names.map((name, i) => {
      const button = element('button', {
        'type': 'button',
        'role': 'option',
        'aria-selected': i === at,
        'aria-label': `waypoint ${i + 1}, ${words(name)}`,
      });
      if (i >= uses) button.className = 'unused';
      button.append(element('img', {class: 'face', src: this.address(name), alt: ''}), element('span', {class: 'name'}, words(name)));
      button.onclick = () => {
        this.at = i === this.at ? null : i;
        this.show();
      };
      button.onkeydown = (event) => {
        if (['Delete', 'Backspace'].includes(event.key)) {
          event.preventDefault();
          this.at = i;
          this.remove();
        }
      };
      return button;
    });
    const active = [...this.chosen.children].indexOf(this.root.activeElement);
    this.chosen.replaceChildren(...tiles);
    if (active >= 0) this.chosen.children[Math.min(active, tiles.length - 1)]?.focus();
    this.tools.left.disabled = at === null || at === 0;
    this.tools.right.disabled = at === null || at === names.length - 1;
    this.tools.remove.disabled = at === null;
    this.tools.draw.disabled = names.length >= most;
    this.tools.others.hidden = this.data.count <= this.data.shown;
    this.offer.hidden = !this.data.count;
    this.hint.textContent = names.length >= most ? `${most} at most; remove one to add another` : at === null ? 'Click one to move or remove it' : '';
  }

  // A page of images on one sheet; a click adds one.
  buildOffer() {
    const {run, count, shown} = this.data,
      first = this.page * shown;
    const numbers = Array.from({length: Math.max(0, Math.min(shown, count - first))}, (_, i) => first + i);
    const sheet = routeAt(`api/thumb/run/${run}/seen/${numbers.join(',')}.png?columns=${numbers.length}`);
    this.offer.replaceChildren(
      ...numbers.map((number, i) => {
        const button = element('button', {'type': 'button', 'aria-label': `add image ${number}`, 'title': `Add image ${number}`});
        Object.assign(button.style, {
          backgroundImage: `url("${sheet}")`,
          backgroundSize: `${numbers.length}00% 100%`,
          backgroundPosition: `${(100 * i) / Math.max(1, numbers.length - 1)}% 0`,
        });
        button.onclick = () => this.add(`image:${number}`);
        return button;
      }),
    );
  }

  others() {
    this.page = (this.page + 1) % Math.ceil(this.data.count / this.data.shown);
    this.buildOffer();
  }

  draw() {
    const seeds = this.names.filter((name) => name.startsWith('seed:')).map((name) => Number(name.slice(5)));
    this.add(`seed:${seeds.length ? Math.max(...seeds) + 1 : 0}`);
  }

  add(name) {
    if (this.names.length >= this.data.most) return;
    this.names.push(name);
    this.commit();
  }

  left() {
    this.move(-1);
  }

  right() {
    this.move(1);
  }

  move(by) {
    const [name] = this.names.splice(this.at, 1);
    this.at += by;
    this.names.splice(this.at, 0, name);
    this.commit();
  }

  remove() {
    this.names.splice(this.at, 1);
    this.at = null;
    this.commit();
  }

  commit() {
    this.show();
    this.setState('chosen', {n: this.n, names: [...this.names]});
  }
}

const words = (name) => (name.startsWith('own') ? 'yours' : name.startsWith('z') ? 'from the link' : name.replace(':', ' '));

function element(tag, attributes, text = '') {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.textContent = text;
  return node;
}

export default function ({data, parentElement, setStateValue}) {
  parentElement.stops ??= new Stops(parentElement);
  parentElement.stops.update(data, setStateValue);
}
