// A face that follows the pointer over a square of latents, and wanders by itself until the pointer comes.

import {DecodeSocket, draw, floats} from '../../shell/decode.js';

const KEYFRAMES = 80,
  LOOP_S = 40,
  REST_S = 2.5,
  FADE_S = 0.8,
  PULL_S = 0.05,
  ARROW = 0.04,
  SEEN = 60;

class Morph {
  constructor(root) {
    this.root = root.querySelector('.morph');
    for (const part of ['frame', 'first', 'face', 'bars', 'said', 'status']) this[part] = this.root.querySelector(`.${part}`);
    this.latencies = [];
    this.root.stats = {frames: 0, latencies: this.latencies};
    this.at = this.to = [0.5, 0.5];
    this.calm = matchMedia('(prefers-reduced-motion: reduce)');
    const {frame} = this;
    frame.onpointermove = (event) => this.visit(event);
    frame.onpointerdown = (event) => this.visit(event);
    frame.onpointerleave = frame.onpointercancel = frame.onblur = () => this.leave();
    frame.onclick = (event) => event.pointerType === 'touch' || this.open(); // a finger has been there to look; the button is for opening
    frame.onkeydown = (event) => this.press(event);
    this.root.querySelector('button').onclick = () => this.open();
    this.tick = this.tick.bind(this);
  }

  update(data, trigger) {
    this.trigger = trigger;
    const isNew = data.z !== this.data?.z || data.target !== this.data.target;
    this.data = data;
    this.root.style.setProperty('--size', `${data.size}px`);
    this.frame.setAttribute('aria-label', data.label);
    this.said.textContent = data.about;
    if (!isNew) return;
    this.first.src = data.first;
    this.dim = floats(data.z).length / data.side ** 2;
    this.z = Array.from({length: data.side ** 2}, (_, i) => floats(data.z).subarray(i * this.dim, (i + 1) * this.dim));
    this.lengths = this.z.map((z) => Math.hypot(...z));
    this.film = null;
    this.begin();
  }

  begin() {
    const {token} = this.data;
    this.socket ??= new DecodeSocket({token, onReply: (reply) => this.take(reply), onTrouble: (text) => this.complain(text)});
    this.restedSince = performance.now() - 1000 * REST_S;
    this.paintBars(this.between(this.at));
    this.handle ??= requestAnimationFrame(this.tick);
  }

  close() {
    cancelAnimationFrame(this.handle);
    this.socket?.close();
  }

  // The latent at a spot, as genlab/latent/lattice.py has it.
  between([x, y]) {
    const {side, reach} = this.data,
      mixed = new Float32Array(this.dim);
    const weights = this.z.map((_, i) => {
      const far = ((i % side) - x * (side - 1)) ** 2 + (Math.floor(i / side) - y * (side - 1)) ** 2;
      return Math.exp(-far / (2 * reach ** 2));
    });
    const sum = weights.reduce((a, b) => a + b);
    weights.forEach((w, i) =>
      this.z[i].forEach((v, d) => {
        mixed[d] += (w / sum) * v;
      }),
    );
    const length = weights.reduce((all, w, i) => all + (w / sum) * this.lengths[i], 0),
      scale = length / Math.max(Math.hypot(...mixed), 1e-30);
    return mixed.map((v) => scale * v);
  }

  // A closed curve through the whole square that begins in its middle.
  way(turn) {
    return [0.5 + 0.47 * Math.sin(4 * Math.PI * turn), 0.5 + 0.47 * Math.sin(6 * Math.PI * turn)];
  }

  // -- hands --------------------------------------------------------------------------------------------------------

  visit(event) {
    const box = this.frame.getBoundingClientRect();
    this.go([(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height]);
    this.isHeld = true;
  }

  press(event) {
    const by = {ArrowLeft: [-ARROW, 0], ArrowRight: [ARROW, 0], ArrowUp: [0, -ARROW], ArrowDown: [0, ARROW]}[event.key];
    if (by) {
      this.go([this.to[0] + by[0], this.to[1] + by[1]]);
      this.isHeld = true;
    } else if (event.key === 'Enter' || event.key === ' ') this.open();
    else return;
    event.preventDefault();
  }

  go(to) {
    if (this.turn !== undefined) this.at = this.way(this.turn);
    this.turn = undefined;
    this.to = to.map((v) => Math.min(1, Math.max(0, v)));
    this.asked ??= performance.now();
  }

  leave() {
    this.isHeld = false;
    this.restedSince = performance.now();
  }

  // Where the hand points, though the face may still be on its way there.
  open() {
    this.trigger('open', {z: Array.from(this.between(this.turn === undefined ? this.to : this.way(this.turn)))});
  }

  // -- time ---------------------------------------------------------------------------------------------------------

  tick(now) {
    this.handle = requestAnimationFrame(this.tick);
    const passed = Math.min(0.1, (now - (this.before ?? now)) / 1000);
    this.before = now;
    if (this.turn !== undefined) this.wander(now, passed);
    else if (this.to[0] !== this.at[0] || this.to[1] !== this.at[1]) this.follow(passed);
    else if (!this.isHeld && !this.calm.matches && now - this.restedSince > 1000 * REST_S) this.setOut(now);
  }

  follow(passed) {
    const pull = 1 - Math.exp(-passed / PULL_S),
      far = Math.hypot(this.to[0] - this.at[0], this.to[1] - this.at[1]);
    this.at = far < 1e-3 ? this.to : this.at.map((a, i) => a + pull * (this.to[i] - a));
    const z = this.between(this.at);
    this.socket.ask([this.data.target], z, this.dim, {since: this.asked ?? performance.now()});
    this.asked = undefined;
    this.paintBars(z);
  }

  // All of the way is decoded once and then costs nothing, however many leave the page open.
  setOut(now) {
    if (this.film) {
      const turns = Array.from({length: KEYFRAMES}, (_, i) => i / KEYFRAMES);
      const far = (turn) => {
        const [x, y] = this.way(turn);
        return (x - this.at[0]) ** 2 + (y - this.at[1]) ** 2;
      };
      this.turn = turns.reduce((best, turn) => (far(turn) < far(best) ? turn : best));
      this.fadeFrom = this.seen && {pixels: this.seen, since: now};
    } else if (this.socket.isIdle) {
      const z = new Float32Array(KEYFRAMES * this.dim);
      for (let i = 0; i < KEYFRAMES; i++) z.set(this.between(this.way(i / KEYFRAMES)), i * this.dim);
      this.socket.ask([this.data.target], z, this.dim, {isFilm: true});
    }
  }

  wander(now, passed) {
    this.turn = (this.turn + passed / LOOP_S) % 1;
    const place = this.turn * KEYFRAMES,
      i = Math.floor(place),
      {width, height, channels, pixels} = this.film,
      size = width * height * channels;
    const frame = (k) => pixels.subarray((k % KEYFRAMES) * size, ((k % KEYFRAMES) + 1) * size);
    let mixed = mix(frame(i), frame(i + 1), place - i);
    const fade = this.fadeFrom ? (now - this.fadeFrom.since) / (1000 * FADE_S) : 1;
    if (fade < 1) mixed = mix(this.fadeFrom.pixels, mixed, fade);
    this.paint({width, height, channels, pixels: mixed});
    this.paintBars(this.between(this.way(this.turn)));
  }

  // -- what is seen -------------------------------------------------------------------------------------------------

  take({pictures: [picture], asked}) {
    if (asked.isFilm) {
      this.film = picture;
      return;
    }
    this.paint(picture);
    requestAnimationFrame((now) => this.measured(now - asked.since));
  }

  paint(picture) {
    this.seen = picture.pixels;
    draw(this.face, picture);
    this.root.stats.frames++;
  }

  measured(ms) {
    this.latencies.push(ms);
    if (this.latencies.length > 4096) this.latencies.shift();
    const recent = this.latencies.slice(-SEEN).sort((a, b) => a - b);
    this.status.textContent = `Drawn in ${recent[recent.length >> 1].toFixed(0)} ms.`;
  }

  complain(text) {
    this.root.classList.toggle('troubled', Boolean(text));
    this.status.textContent = text;
  }

  paintBars(z) {
    const {bars} = this,
      width = Math.round(bars.clientWidth * devicePixelRatio),
      height = Math.round(bars.clientHeight * devicePixelRatio);
    if (!width) return;
    if (bars.width !== width || bars.height !== height) Object.assign(bars, {width, height});
    const context = bars.getContext('2d'),
      step = width / z.length;
    context.clearRect(0, 0, width, height);
    context.fillStyle = this.color ??= getComputedStyle(this.root).getPropertyValue('--st-primary-color');
    z.forEach((v, i) => {
      const size = (Math.min(1, Math.abs(v) / 3) * height) / 2;
      context.fillRect(i * step + step / 8, v > 0 ? height / 2 - size : height / 2, step * 0.75, Math.max(1, size));
    });
  }
}

function mix(a, b, share) {
  const mixed = new Uint8ClampedArray(a.length);
  for (let i = 0; i < a.length; i++) mixed[i] = a[i] + share * (b[i] - a[i]);
  return mixed;
}

export default function ({data, parentElement, setTriggerValue}) {
  parentElement.morph ??= new Morph(parentElement);
  parentElement.morph.color = undefined; // the theme may have changed
  parentElement.morph.update(data, setTriggerValue);
  return () => {
    parentElement.morph?.close();
    delete parentElement.morph;
  };
}
