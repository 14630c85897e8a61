// Films along paths through latent space, side by side and in step: every frame as the model made it, none blended.

import {Hands} from './hands.js';
import {Reel, drawStrip} from './reel.js';
import {draw, floats} from '../../shell/decode.js';

const RATE = 60; // frames a second at speed 1
const LONGEST_GAP_S = 0.1; // a page that was hidden goes on where it was

class Player extends Hands {
  constructor(root) {
    super();
    this.host = root;
    this.root = root.querySelector('.player');
    for (const part of ['stage', 'reel', 'strips', 'head', 'marks', 'said', 'status']) this[part] = this.root.querySelector(`.${part}`);
    [this.input, this.button, this.select] = ['input', '.play', 'select'].map((part) => this.root.querySelector(part));
    Object.assign(this, {at: 0, way: 1, playing: false, speed: 1, shown: -1, painted: 0});
    this.root.stats = {frames: 0, loaded: 0, fps: 0};
    this.calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
    this.select.value = '1';
    this.listen();
  }

  listen() {
    this.button.onclick = () => this.toggle();
    this.input.oninput = () => this.scrub(Number(this.input.value));
    this.select.onchange = () => {
      this.speed = Number(this.select.value);
    };
    this.root.onkeydown = (event) => this.press(event);
    this.reel.onpointerdown = (event) => this.grab(event, this.reel, (x) => this.scrub(this.under(x)));
    this.stage.onpointerdown = (event) => this.grabStage(event);
    this.onSeek = ({detail}) => detail.key === this.data?.key && this.scrub(detail.frame);
    document.addEventListener('genlab:seek', this.onSeek);
  }

  // What Python says, on every run of the page and mostly unchanged.
  update(data) {
    const isOther = data.stamp !== this.data?.stamp,
      isOtherCast = data.cast !== this.data?.cast;
    this.data = data;
    this.root.style.setProperty('--size', `${data.size}px`);
    if (isOtherCast) this.build();
    this.colour();
    if (!isOther) return;
    const {token, frames} = data;
    this.frames = frames;
    this.input.max = frames - 1;
    this.at = Math.min(this.at, frames - 1);
    this.shown = -1;
    this.mark();
    this.films ??= new Reel({token, onFrames: (film) => this.arrived(film), onTrouble: (text) => this.complain(text)});
    this.films.load(
      data.views.map(({target, z, dim}) => ({target, z: floats(z), dim})),
      frames,
    );
    if (!this.calm && !this.stopped) this.play();
  }

  build() {
    const {views} = this.data;
    this.root.style.setProperty('--columns', Math.min(views.length, 4));
    this.canvases = views.map((view) => canvasNamed(view.label || 'decoded picture'));
    this.lines = views.map((view) => canvasNamed(`${view.label} as a strip`));
    this.swatches = views.map(() => Object.assign(document.createElement('span'), {className: 'swatch'}));
    this.stage.replaceChildren(
      ...views.map(({label}, i) => {
        const figure = document.createElement('figure'),
          caption = document.createElement('figcaption');
        caption.append(...(views.length > 1 ? [this.swatches[i]] : []), label);
        figure.append(this.canvases[i], caption);
        return figure;
      }),
    );
    this.strips.replaceChildren(...this.lines);
  }

  // Each film has the colour of its line in the chart; the theme may change.
  colour() {
    const colors = getComputedStyle(this.host.host || this.host)
      .getPropertyValue('--st-chart-categorical-colors')
      .split(',');
    this.swatches.forEach((swatch, i) => {
      swatch.style.background = colors[i % colors.length].trim() || '#0072b2';
    });
  }

  // Where the path passes its waypoints, below the slider.
  mark() {
    const last = this.frames - 1;
    this.marks.replaceChildren(
      ...this.data.stops.map(({frame, name}) => {
        const span = document.createElement('span');
        span.textContent = name;
        span.style.left = `${(100 * frame) / last}%`;
        span.className = frame === last ? 'last' : '';
        return span;
      }),
    );
  }

  arrived(film) {
    drawStrip(this.lines[film], this.films.films[film].frames);
    const share = (this.root.stats.loaded = this.films.progress);
    this.status.textContent = share < 1 ? `decoding ${Math.floor(100 * share)} %` : '';
    if (this.shown < 0 || share === 1) this.show();
  }

  complain(text) {
    this.root.classList.toggle('troubled', Boolean(text));
    if (text) this.status.textContent = text;
  }

  // -- time ---------------------------------------------------------------------------------------------------------

  get frame() {
    return Math.min(this.frames - 1, Math.max(0, Math.floor(this.at)));
  }

  play() {
    this.stopped = false;
    if (this.playing) return;
    this.setPlaying(true);
    this.last = this.since = performance.now();
    this.painted = 0;
    this.request = requestAnimationFrame((now) => this.tick(now));
  }

  stop() {
    this.stopped = true;
    cancelAnimationFrame(this.request);
    this.setPlaying(false);
    if (this.films?.progress === 1) this.status.textContent = '';
  }

  setPlaying(playing) {
    this.playing = playing;
    this.root.classList.toggle('playing', playing);
    this.button.setAttribute('aria-label', playing ? 'Pause' : 'Play');
  }

  toggle() {
    if (this.playing) return this.stop();
    if (!this.data.closed && this.way > 0 && this.frame >= this.frames - 1) this.at = 0;
    this.play();
  }

  tick(now) {
    this.request = requestAnimationFrame((next) => this.tick(next));
    const seconds = Math.min((now - this.last) / 1000, LONGEST_GAP_S);
    this.last = now;
    if (this.films.progress < 1) return;
    this.advance(steady(this.speed * RATE * seconds));
    this.show();
    this.count(now);
  }

  // A closed path goes round, an open one there and back.
  advance(step) {
    const last = this.frames - 1;
    this.at += this.way * step;
    if (this.data.closed) {
      this.way = 1;
      this.at = ((this.at % this.frames) + this.frames) % this.frames;
    } else if (this.at >= last || this.at <= 0) {
      this.way = this.at >= last ? -1 : 1;
      this.at = Math.min(last, Math.max(0, this.at));
    }
  }

  count(now) {
    if (now - this.since < 1000) return;
    this.root.stats.fps = (1000 * this.painted) / (now - this.since);
    this.status.textContent = `${this.root.stats.fps.toFixed(0)} pictures a second`;
    this.since = now;
    this.painted = 0;
  }

  show() {
    const frame = this.frame,
      pictures = this.films.films.map((film) => film.frames[frame]);
    if (frame === this.shown || !pictures.every(Boolean)) return;
    pictures.forEach((picture, i) => draw(this.canvases[i], picture));
    this.shown = frame;
    this.painted++;
    this.root.stats.frames++;
    this.input.value = frame;
    this.head.style.left = `${(100 * (frame + 0.5)) / this.frames}%`;
    this.said.textContent = `picture ${frame + 1} of ${this.frames}`;
    this.input.setAttribute('aria-valuetext', this.said.textContent);
    document.dispatchEvent(new CustomEvent('genlab:frame', {detail: {key: this.data.key, frame}}));
  }

  close() {
    cancelAnimationFrame(this.request);
    document.removeEventListener('genlab:seek', this.onSeek);
    this.films?.close();
  }
}

// A screen of about 60 Hz shows every frame once: what its clock is off by would now and then leave one out.
function steady(step) {
  const whole = Math.round(step);
  return whole > 0 && Math.abs(step - whole) < 0.2 ? whole : step;
}

function canvasNamed(label) {
  const canvas = document.createElement('canvas');
  canvas.setAttribute('role', 'img');
  canvas.setAttribute('aria-label', label);
  return canvas;
}

export default function ({data, parentElement}) {
  parentElement.player ??= new Player(parentElement);
  parentElement.player.update(data);
  return () => {
    parentElement.player?.close();
    delete parentElement.player;
  };
}
