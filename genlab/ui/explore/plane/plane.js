// A plane through latent space: the picture is that of the point below the pointer, and goes back when the pointer leaves.

import {DecodeSocket, draw, floats} from '../../shell/decode.js';

class Plane {
  constructor(root) {
    this.root = root.querySelector('.plane');
    for (const part of ['map', 'picture', 'across', 'up']) this[part] = this.root.querySelector(`.${part}`);
    this.caption = this.root.querySelector('figcaption');
    this.map.onpointermove = (event) => this.visit(event);
    this.map.onpointerdown = (event) => this.visit(event);
    this.map.onpointerleave = () => this.leave();
    this.map.onclick = (event) => this.put(this.place(event));
    this.map.onkeydown = (event) => this.press(event);
    new ResizeObserver(() => this.data && this.paintMap()).observe(this.map);
  }

  update(data, trigger) {
    Object.assign(this, {data, trigger, at: null});
    this.z = floats(data.z);
    this.directions = [floats(data.across), floats(data.up)];
    this.dots = floats(data.dots);
    this.across.textContent = `${data.names[0]} (σ) →`;
    this.up.textContent = `${data.names[1]} (σ) →`;
    this.map.setAttribute('aria-label', `Plane of ${data.names[0]} and ${data.names[1]}; arrow keys move, Enter takes the point`);
    this.root.style.setProperty('--size', `${data.size}px`);
    const {token} = data;
    this.socket ??= new DecodeSocket({token, onReply: ({pictures}) => draw(this.picture, pictures[0]), onTrouble: (text) => this.say(text)});
    this.leave();
  }

  place(event) {
    const box = this.map.getBoundingClientRect(),
      {reach} = this.data;
    return [reach * ((2 * (event.clientX - box.left)) / box.width - 1), reach * (1 - (2 * (event.clientY - box.top)) / box.height)];
  }

  visit(event) {
    this.show(this.place(event));
  }
  leave() {
    this.show(null);
  }

  show(at) {
    this.at = at;
    const z = Float32Array.from(this.z);
    if (at) {
      const by = [at[0] - this.data.here[0], at[1] - this.data.here[1]];
      this.directions.forEach((direction, k) =>
        direction.forEach((d, i) => {
          z[i] += by[k] * d;
        }),
      );
    }
    this.socket.ask([this.data.target], z, z.length);
    const [a, b] = at ?? this.data.here;
    this.say(`${signed(a)} σ, ${signed(b)} σ${at ? '; a click takes it' : ''}`);
    this.paintMap();
  }

  put([a, b]) {
    this.trigger('put', {a, b});
  }

  press(event) {
    const by = {ArrowLeft: [-0.1, 0], ArrowRight: [0.1, 0], ArrowUp: [0, 0.1], ArrowDown: [0, -0.1]}[event.key],
      [a, b] = this.at ?? this.data.here;
    if (by) this.show([a + by[0], b + by[1]]);
    else if (event.key === 'Enter') this.put([a, b]);
    else if (event.key === 'Escape') this.leave();
    else return;
    event.preventDefault();
  }

  say(text) {
    this.caption.textContent = text;
  }

  paintMap() {
    const {
        map,
        data: {reach, here},
      } = this,
      side = Math.round(map.clientWidth * devicePixelRatio);
    if (!side) return;
    if (map.width !== side) map.width = map.height = side;
    const context = map.getContext('2d'),
      style = getComputedStyle(this.root);
    const [x, y] = [(a) => (side * (a / reach + 1)) / 2, (b) => (side * (1 - b / reach)) / 2];
    context.clearRect(0, 0, side, side);
    context.strokeStyle = style.getPropertyValue('--st-border-color');
    context.strokeRect(x(0), -1, 0.01, side + 2);
    context.strokeRect(-1, y(0), side + 2, 0.01);
    context.fillStyle = style.getPropertyValue('--st-text-color');
    context.globalAlpha = 0.25;
    const dot = 1.5 * devicePixelRatio;
    for (let i = 0; i < this.dots.length; i += 2) context.fillRect(x(this.dots[i]) - dot / 2, y(this.dots[i + 1]) - dot / 2, dot, dot);
    context.globalAlpha = 1;
    this.ring(context, x(here[0]), y(here[1]), style.getPropertyValue('--st-primary-color'), true);
    if (this.at) this.ring(context, x(this.at[0]), y(this.at[1]), style.getPropertyValue('--st-text-color'), false);
  }

  ring(context, x, y, color, isFull) {
    context.beginPath();
    context.arc(x, y, 6 * devicePixelRatio, 0, 7);
    context.lineWidth = 2 * devicePixelRatio;
    context.strokeStyle = context.fillStyle = color;
    if (isFull) context.fill();
    else context.stroke();
  }
}

const signed = (v) => `${v < 0 ? '−' : '+'}${Math.abs(v).toFixed(2)}`;

export default function ({data, parentElement, setTriggerValue}) {
  parentElement.plane ??= new Plane(parentElement);
  parentElement.plane.update(data, setTriggerValue);
  return () => {
    parentElement.plane?.socket.close();
    delete parentElement.plane;
  };
}
