// Sliders that a picture follows: z = z0 + sum of amount x direction, decoded while the pointer moves.

import {Space} from './space.js';
import {DecodeSocket, draw} from '../../shell/decode.js';

const SEEN = 120; // frames that the shown latency is measured over

class Scrubber {
  constructor(root) {
    this.root = root.querySelector('.scrubber');
    for (const part of ['stage', 'status', 'still', 'rack']) this[part] = this.root.querySelector(`.${part}`);
    this.latencies = []; // ms from a pointer event to the frame that shows what it asked for
    this.root.stats = {frames: 0, latencies: this.latencies, micros: 0};
    this.sent = 0;
    this.sockets = [];
  }

  add(parent, tag, name, text = '') {
    const node = document.createElement(tag);
    node.className = name;
    node.textContent = text;
    parent.append(node);
    return node;
  }

  // What Python says. It says it again on every run of the page, mostly unchanged, and often while somebody drags.
  update(data, setState) {
    this.setState = setState;
    const isNew = data.stamp !== this.data?.stamp,
      isMoved = data.push.n > this.sent;
    const isOther = isNew || JSON.stringify(data.views) !== JSON.stringify(this.data.views);
    const lookChanged = isNew || isOther || JSON.stringify(data.pictures) !== JSON.stringify(this.data.pictures);
    this.data = data;
    if (isNew) {
      this.space = new Space(data);
      this.buildRack();
    }
    if (isNew || isMoved) {
      this.sent = Math.max(this.sent, data.push.n);
      this.amounts = [...data.push.values];
      this.held = null;
    }
    if (lookChanged) this.buildStage();
    this.root.style.setProperty('--size', `${data.size}px`);
    if (isOther) this.gather();
    this.z = this.space.latent(this.amounts);
    this.show();
    if (isNew || isMoved || isOther) this.ask();
    clearInterval(this.live);
    if (data.live) this.live = setInterval(() => document.hidden || !this.sockets.every((socket) => socket.isIdle) || this.ask(), 1000);
  }

  // Views of one space share a socket; one with latents of its own is asked for by itself.
  gather() {
    const {token, views} = this.data,
      all = views.map((_, i) => i);
    const own = all.filter((i) => views[i].own).map((i) => ({space: new Space(views[i].own), at: [i]}));
    this.groups = [{space: this.space, at: all.filter((i) => !views[i].own)}, ...own];
    while (this.sockets.length > this.groups.length) this.sockets.pop().close();
    while (this.sockets.length < this.groups.length)
      this.sockets.push(new DecodeSocket({token, onReply: (reply) => this.paint(reply), onTrouble: (text) => this.complain(text)}));
  }

  close() {
    clearInterval(this.live);
    clearTimeout(this.later);
    this.sockets.forEach((socket) => socket.close());
  }

  ask(since = null) {
    this.z = this.space.latent(this.amounts);
    this.groups.forEach(({space, at}, g) => {
      const z = space.latent(this.amounts),
        pick = (nodes) => at.map((i) => nodes[i]);
      this.sockets[g].ask(
        pick(this.data.views).map((view) => view.target),
        z,
        z.length,
        {since: g ? null : since, canvases: pick(this.canvases), steps: pick(this.steps)},
      );
    });
  }

  paint({pictures, micros, asked}) {
    pictures.forEach((picture, i) => {
      // on the canvases that it was asked for: the page may show others by now
      draw(asked.canvases[i], picture);
      asked.steps[i].textContent = this.data.live ? `step ${picture.step}` : '';
    });
    const stats = this.root.stats;
    stats.frames++;
    stats.micros = micros;
    if (asked.since !== null) requestAnimationFrame((now) => this.measured(now - asked.since));
  }

  measured(ms) {
    this.latencies.push(ms);
    if (this.latencies.length > 4096) this.latencies.shift();
    const recent = this.latencies.slice(-SEEN).sort((a, b) => a - b);
    this.status.textContent = `${recent[recent.length >> 1].toFixed(0)} ms`;
    this.status.title =
      'From the pointer to the picture, median of the last pictures; ' + `the server took ${(this.root.stats.micros / 1000).toFixed(1)} ms of it.`;
  }

  complain(text) {
    this.root.classList.toggle('troubled', Boolean(text));
    if (text) this.status.textContent = text;
    else if (!this.latencies.length) this.status.textContent = '';
  }

  // -- what is seen -------------------------------------------------------------------------------------------------

  buildStage() {
    this.stage.replaceChildren();
    this.still.replaceChildren();
    this.root.style.setProperty('--columns', Math.min(this.data.views.length, 3));
    for (const picture of this.data.pictures) {
      const {canvas} = this.figure(this.still, picture.label);
      draw(canvas, {...picture, pixels: Uint8Array.from(atob(picture.pixels), (c) => c.charCodeAt(0))});
    }
    const figures = this.data.views.map((view) => this.figure(this.stage, view.label));
    this.canvases = figures.map((f) => f.canvas);
    this.steps = figures.map((f) => f.step);
  }

  figure(parent, label) {
    const figure = this.add(parent, 'figure', ''),
      canvas = this.add(figure, 'canvas', '');
    canvas.setAttribute('role', 'img');
    canvas.setAttribute('aria-label', label || 'decoded picture');
    const caption = this.add(figure, 'figcaption', '', label);
    return {canvas, step: this.add(caption, 'span', 'step')};
  }

  buildRack() {
    this.rack.replaceChildren();
    const {axes, folded} = this.data;
    this.sliders = axes.map((axis, k) => (axis.folded ? null : this.slider(this.rack, k)));
    if (axes.some((axis) => axis.folded)) {
      const details = this.add(this.rack, 'details', '');
      this.add(details, 'summary', '', folded);
      axes.forEach((axis, k) => {
        if (axis.folded) this.sliders[k] = this.slider(details, k);
      });
    }
    const reset = this.add(this.rack, 'button', '', 'Reset all');
    reset.onclick = () => {
      this.amounts = axes.map((axis) => axis.start);
      this.moved();
      this.commit();
    };
  }

  slider(parent, k) {
    const axis = this.data.axes[k],
      row = this.add(parent, 'div', 'axis');
    row.title = axis.note ? `${axis.name}: ${axis.note}` : axis.name;
    this.add(row, 'span', 'name', axis.name);
    const track = this.add(row, 'div', 'track');
    const set = {'role': 'slider', 'tabindex': 0, 'aria-label': axis.name, 'aria-valuemin': axis.low, 'aria-valuemax': axis.high};
    Object.entries(set).forEach(([name, value]) => track.setAttribute(name, value));
    const slider = {track, fill: this.add(track, 'div', 'fill'), thumb: this.add(track, 'div', 'thumb')};
    slider.value = this.add(row, 'output', 'value');
    slider.quantile = this.add(row, 'span', 'quantile');
    track.onpointerdown = (event) => this.grab(event, k);
    track.onpointermove = (event) => this.held?.k === k && this.drag(event);
    track.onpointerup = track.onpointercancel = () => this.release();
    track.ondblclick = () => {
      this.set(k, axis.start);
      this.commit();
    };
    track.onkeydown = (event) => this.press(event, k);
    track.addEventListener('wheel', (event) => this.roll(event, k), {passive: false});
    return slider;
  }

  show() {
    this.data.axes.forEach((axis, k) => {
      const {track, fill, thumb, value, quantile} = this.sliders[k],
        amount = this.amounts[k];
      const place = (a) => (100 * (a - axis.low)) / (axis.high - axis.low),
        [a, b] = [place(axis.start), place(amount)];
      const text = `${amount < 0 ? '−' : '+'}${Math.abs(amount).toFixed(2)}${this.data.unit}`;
      thumb.style.left = `${b}%`;
      fill.style.left = `${Math.min(a, b)}%`;
      fill.style.width = `${Math.abs(b - a)}%`;
      if (value.textContent === text && !this.data.quantiles) return;
      value.textContent = text;
      track.setAttribute('aria-valuenow', amount.toFixed(3));
      track.setAttribute('aria-valuetext', text);
      if (this.data.quantiles) quantile.textContent = `${(100 * this.space.quantile(this.z, k)).toFixed(0)} %`;
    });
  }

  // -- hands --------------------------------------------------------------------------------------------------------

  grab(event, k) {
    if (event.button) return;
    const {track} = this.sliders[k];
    track.setPointerCapture(event.pointerId);
    this.held = {k, x: event.clientX, amount: this.amounts[k], isFine: event.shiftKey};
    this.drag(event);
  }

  drag(event) {
    const {k} = this.held,
      {low, high} = this.data.axes[k],
      box = this.sliders[k].track.getBoundingClientRect();
    if (event.shiftKey !== this.held.isFine) Object.assign(this.held, {x: event.clientX, amount: this.amounts[k], isFine: event.shiftKey});
    const scale = (high - low) / box.width;
    this.set(k, this.held.isFine ? this.held.amount + 0.1 * scale * (event.clientX - this.held.x) : low + scale * (event.clientX - box.left));
  }

  release() {
    if (!this.held) return;
    this.held = null;
    this.commit();
  }

  press(event, k) {
    const {low, high, start, step} = this.data.axes[k],
      by = event.shiftKey ? step / 10 : step;
    const to = {
      ArrowLeft: this.amounts[k] - by,
      ArrowDown: this.amounts[k] - by,
      ArrowRight: this.amounts[k] + by,
      ArrowUp: this.amounts[k] + by,
      PageDown: this.amounts[k] - 10 * by,
      PageUp: this.amounts[k] + 10 * by,
      Home: low,
      End: high,
      Backspace: start,
      Delete: start,
    }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    this.set(k, to);
    this.commitSoon();
  }

  // Only a slider that was chosen turns with the wheel: over all others the wheel still scrolls the page.
  roll(event, k) {
    if (this.sliders[k].track !== this.root.getRootNode().activeElement || !event.deltaY) return;
    event.preventDefault();
    this.set(k, this.amounts[k] - Math.sign(event.deltaY) * this.data.axes[k].step * (event.shiftKey ? 0.1 : 1));
    this.commitSoon();
  }

  set(k, amount) {
    const {low, high} = this.data.axes[k],
      next = Math.min(high, Math.max(low, amount));
    if (next === this.amounts[k]) return;
    this.amounts[k] = next;
    this.moved();
  }

  moved() {
    this.ask(performance.now());
    this.show();
  }

  commitSoon() {
    clearTimeout(this.later);
    this.later = setTimeout(() => this.commit(), 300);
  }

  commit() {
    clearTimeout(this.later);
    this.setState('moved', {stamp: this.data.stamp, n: this.sent, values: this.amounts.map((a) => Math.fround(a))});
  }
}

export default function ({data, parentElement, setStateValue}) {
  parentElement.scrubber ??= new Scrubber(parentElement);
  parentElement.scrubber.update(data, setStateValue);
  return () => {
    parentElement.scrubber?.close();
    delete parentElement.scrubber;
  };
}
