// A map of latent space. Everything that follows the hand happens here; Python hears of what was settled.

import {Cloud, bits, fromBits} from './cloud.js';
import {Gestures} from './gestures.js';
import {Known} from './known.js';
import {css, legendOf, styleOf} from './looks.js';
import {Painter, contours} from './paint.js';
import {Thumbs, Tiles} from './pictures.js';
import {DecodeSocket, draw} from '../../shell/decode.js';

export const FRAMES = 33,
  FRAME_MS = 60,
  SETTLED_MS = 300,
  ALIKE = 8;
export const COMPANIONS = new Set(); // all maps of this window: what lights up in one lights up in those of the same images
export const SETS = ['a', 'b'];

export class LatentMap {
  constructor(root) {
    const find = (selector) => root.querySelector(selector),
      all = (selector) => [...root.querySelectorAll(selector)];
    Object.assign(this, {
      root: find('.lab-map'),
      canvas: find('canvas.map'),
      live: find('canvas.live'),
      real: find('.real'),
      img: find('.real img'),
      what: find('.what'),
      list: find('dl'),
      legend: find('.legend'),
      fault: find('.fault'),
      colour: find('.colour'),
      search: find('.search'),
      near: find('.near'),
      path: find('.path'),
      view: {x: 0, y: 0, scale: 1, home: 1},
      picks: [],
      layers: new Set(),
      mode: 'move',
      set: 'a',
      own: [],
      frame: -1,
    });
    this.modes = all('[data-mode]');
    this.layerButtons = all('[data-layer]');
    this.setButtons = all('[data-set]');
    this.modes.forEach((b) => {
      b.onclick = () => {
        this.mode = b.dataset.mode;
        this.press();
      };
    });
    this.setButtons.forEach((b) => {
      b.onclick = () => {
        this.set = b.dataset.set;
        this.press();
      };
    });
    this.layerButtons.forEach((b) => {
      b.onclick = () => this.toggle(b.dataset.layer);
    });
    find('.clear').onclick = () => this.clear();
    find('.home').onclick = () => {
      this.whole();
      this.moved(true);
    };
    this.colour.onchange = () => {
      this.known.by = this.colour.value;
      this.known.hidden.clear();
      this.refilter();
      this.tell();
    };
    this.search.oninput = () => {
      this.known.query = this.search.value;
      this.refilter();
      this.tell();
    };
    this.search.placeholder = 'Find: a word, no …, #12';
    const [play, along] = [this.path.querySelector('button'), this.path.querySelector('input')];
    play.onclick = () => (this.timer ? this.pause() : this.play());
    along.oninput = () => {
      this.pause();
      this.showFrame(+along.value);
    };
    new Gestures(this.canvas, this, {
      hover: (spot, i) => this.hover(spot, i),
      leave: () => this.leave(),
      click: (i) => this.pick(i),
      moved: (isSettled) => this.moved(isSettled),
      drawing: (region) => {
        this.region = region;
        this.paint();
      },
      region: (region) => this.select(region),
      clear: () => this.clear(),
    });
    this.watch = new ResizeObserver(() => {
      if (this.cloud && !this.isMoved) this.whole();
      this.paint();
    });
    this.watch.observe(this.canvas);
    COMPANIONS.add(this);
  }

  async update(data, setState) {
    const isNew = this.data?.url !== data.url,
      isPushed = this.data?.push !== data.push;
    Object.assign(this, {data, setState});
    this.root.classList.toggle('small', data.small);
    this.root.style.setProperty('--height', `${data.height}px`);
    this.open(data);
    this.style = styleOf(this.root);
    this.own = data.own ?? [];
    if (isNew) {
      try {
        this.cloud = await Cloud.load(data.url);
      } catch (error) {
        this.fault.textContent = `${error.message}`;
        return;
      }
      if (data !== this.data) return this.update(this.data, this.setState);
      this.painter = new Painter(this.canvas, this.cloud);
      this.known = new Known(this.cloud, this.style);
      this.thumbs = new Thumbs(data.thumbs, data.size, () => this.paint());
      this.tiles = new Tiles();
      this.isMoved = false;
      this.forget();
      this.whole();
      this.search.title = this.known.hint('');
    }
    this.known.style = this.style;
    if (isNew || isPushed) this.restore(data.seen ?? {});
    this.refilter();
    this.root.dataset.ready = data.url;
  }

  open({token}) {
    if (this.socket) return;
    const onTrouble = (text) => {
      this.fault.textContent = text;
    };
    this.socket = new DecodeSocket({token, onTrouble, onReply: ({pictures}) => draw(this.live, pictures[0])});
    const onReply = ({pictures, asked}) => asked(pictures[0]);
    this.many = new DecodeSocket({token, onTrouble, onReply});
    this.frameSocket = new DecodeSocket({token, onTrouble, onReply});
  }

  close() {
    this.pause();
    this.watch.disconnect();
    COMPANIONS.delete(this);
    for (const socket of [this.socket, this.many, this.frameSocket]) socket?.close();
  }

  // -- what is seen ------------------------------------------------------------------------------------------------------

  restore(seen) {
    const choices = this.known.choices();
    this.colour.replaceChildren(...choices.map(([value, words]) => Object.assign(document.createElement('option'), {value, textContent: words})));
    this.known.by = choices.some(([value]) => value === seen.colour) ? seen.colour : this.known.telling();
    this.colour.value = this.known.by;
    this.known.hidden = new Set(seen.hidden ?? []);
    this.known.query = this.search.value = seen.query ?? '';
    this.layers = new Set(seen.layers ?? []);
    this.picks = (seen.picks ?? []).filter((i) => i < this.cloud.count);
    this.flags = Object.fromEntries(SETS.map((name) => [name, seen[name] ? fromBits(seen[name], this.cloud.count) : null]));
    this.known.apply(this.layers.has('prior'));
    this.picked();
  }

  tell() {
    clearTimeout(this.telling);
    this.telling = setTimeout(() => this.setState('seen', this.seen()), SETTLED_MS);
  }

  seen() {
    return {
      url: this.data.url,
      colour: this.known.by,
      hidden: [...this.known.hidden],
      query: this.known.query,
      layers: [...this.layers],
      picks: this.picks,
      ...Object.fromEntries(SETS.map((name) => [name, this.flags[name] ? bits(this.flags[name]) : ''])),
    };
  }

  forget() {
    Object.assign(this, {picks: [], flags: {a: null, b: null}, at: null, over: -1, frames: null, lines: null});
  }

  refilter() {
    this.colours = this.known.apply(this.layers.has('prior'));
    this.lines = this.layers.has('density') ? contours(this.cloud) : null;
    this.fault.textContent = this.known.fault;
    this.legend.replaceChildren(...legendOf(this));
    this.press();
    this.replan();
    this.paint();
  }

  press() {
    this.modes.forEach((b) => b.setAttribute('aria-checked', b.dataset.mode === this.mode));
    this.setButtons.forEach((b) => b.setAttribute('aria-checked', b.dataset.set === this.set));
    this.layerButtons.forEach((b) => {
      b.setAttribute('aria-pressed', this.layers.has(b.dataset.layer));
      b.hidden =
        (b.dataset.layer === 'prior' && !(this.cloud?.images && this.cloud.counts.prior)) || (b.dataset.layer === 'thumbs' && !this.cloud?.images);
    });
    this.canvas.setAttribute(
      'aria-label',
      `Map of ${this.cloud?.count ?? 0} points; arrows move, plus and minus zoom, Enter takes the point in the middle`,
    );
  }

  toggle(layer) {
    if (!this.layers.delete(layer)) this.layers.add(layer);
    this.refilter();
    this.tell();
  }

  whole() {
    const {x, y, width, height} = this.cloud.bounds,
      {clientWidth, clientHeight} = this.canvas;
    const scale = 0.92 * Math.min((clientWidth || 600) / width, (clientHeight || 400) / height);
    this.view = Object.assign(this.view, {x, y, scale, home: scale});
  }

  moved(isSettled) {
    this.isMoved = true;
    this.paint();
    if (isSettled) this.replan();
  }

  // -- painting ----------------------------------------------------------------------------------------------------------

  paint() {
    this.painting ??= requestAnimationFrame(() => {
      this.painting = null;
      this.paintNow();
    });
  }

  paintNow() {
    if (!this.painter?.resize()) return;
    const {
        view,
        style,
        painter,
        cloud: {xy},
      } = this,
      marks = SETS.filter((name) => this.flags[name]).map((name) => [this.flags[name], style.sets[name]]);
    painter.dots(view, {colours: this.colours, marks, style, isFaint: this.layers.has('atlas') || this.layers.has('thumbs')});
    this.canvas.dataset.view = [view.x, view.y, view.scale].join(' ');
    if (this.layers.has('atlas')) this.tiles.paint(painter, view);
    if (this.layers.has('thumbs')) this.paintThumbs();
    if (this.lines) painter.segments(view, this.lines, style.ink);
    if (this.region) painter.line(view, this.region, style.accent, {isClosed: true, isDashed: true, isFilled: true});
    if (this.frames) painter.line(view, this.frames.spots, style.ink, {width: 2.5});
    for (const own of this.own)
      [
        [style.ink, 9],
        [style.accent, 6],
      ].forEach(([colour, size]) => painter.ring(view, own.x, own.y, colour, true, size));
    this.picks.forEach((i) => painter.ring(view, xy[2 * i], xy[2 * i + 1], style.ink, false, 8));
    if (this.over >= 0) painter.ring(view, xy[2 * this.over], xy[2 * this.over + 1], style.accent, false, 7);
    else if (this.at) painter.ring(view, ...this.at, style.accent, false, 4);
    if (this.frame >= 0 && this.frames)
      painter.ring(view, this.frames.spots[2 * this.frame], this.frames.spots[2 * this.frame + 1], style.accent, true, 6);
  }

  paintThumbs() {
    const points = this.thumbs.thinned(this.cloud, this.view, this.canvas.clientWidth, this.canvas.clientHeight);
    this.thumbs.want(this.cloud, points);
    this.thumbs.paint(this.painter, this.view, points, (i) => css(this.colours[i]));
  }

  replan() {
    clearTimeout(this.planning);
    if (!this.layers.has('atlas')) return;
    this.planning = setTimeout(() => {
      const plan = this.tiles.plan(this.cloud, this.view, this.canvas.clientWidth, this.canvas.clientHeight);
      if (plan.z.length)
        this.many.ask([this.data.target], plan.z, this.cloud.latents, (reply) => {
          this.tiles.take(reply, plan);
          this.paint();
        });
    }, 120);
  }
}
