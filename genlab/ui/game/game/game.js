// The game in 2D: played on the server, seen here. Frames are drawn as they came, and each one drawn is answered: unseen, the game stands still.

import {Curves} from './curves.js';
import {Diagram} from './diagram.js';
import {Hands} from './hands.js';
import {Plane} from './plane.js';
import {GameSocket} from './socket.js';
import {Stages} from './stages.js';
import {el, whole} from '../../shell/words.js';

const LAYERS = [
  ['real', 'real points'],
  ['fake', 'fakes'],
  ['D', 'D: made \u2013 real'],
  ['arrows', 'gradient at a fake'],
  ['grid', 'G\u2019s grid'],
];
const PACE = '100',
  REPORT_MS = 250,
  REFUSED_MS = 6000;

class GamePage extends Hands {
  constructor(host) {
    super();
    this.host = host;
    this.root = host.querySelector('.game');
    for (const name of [
      'clock',
      'sheet',
      'trouble',
      'legend',
      'words',
      'reason',
      'remedies',
      'verdict',
      'counts',
      'stage',
      'play',
      'slow',
      'anew',
      'draw',
      'use',
      'clear',
      'drawsaid',
      'presets',
    ])
      this[name] = this.root.querySelector(`.${name}`);
    this.select = this.root.querySelector('select');
    this.select.value = PACE;
    this.plane = new Plane(this.sheet);
    this.diagram = new Diagram(this.root.querySelector('.diagramhold'));
    this.curves = new Curves(this.root.querySelector('.charts'));
    this.stages = new Stages({
      take: (who) => this.socket.ask('take', {who}),
      k: () => this.config?.k ?? 1,
      show: (frame, layers, parts, words, after) => this.showStage(frame, layers, parts, words, after),
    });
    Object.assign(this, {
      unseen: 0,
      isPlaying: false,
      isAgain: false,
      isSlow: false,
      points: null,
      wantsPlay: !matchMedia('(prefers-reduced-motion: reduce)').matches,
    });
    this.root.stats = {frames: 0, steps_D: 0, steps_G: 0};
    this.listen();
  }

  listen() {
    this.play.onclick = () => this.toggle();
    this.slow.onclick = () => this.setSlow(!this.isSlow);
    this.anew.onclick = () => this.ask('anew');
    this.select.onchange = () => this.socket.ask('pace', {value: Number(this.select.value)});
    this.root.querySelectorAll('[data-take]').forEach((button) => {
      button.onclick = () => this.takeOne(button.dataset.take);
    });
    this.listenToDrawing();
    this.root.addEventListener('pointerdown', (event) => {
      if (event.target.closest('button')) event.preventDefault();
    }); // keys stay the clock's
    this.onKey = (event) => this.press(event);
    this.onSight = () => this.socket?.ask('hide', {value: document.hidden});
    document.addEventListener('keydown', this.onKey, true); // before the page's own keys
    document.addEventListener('visibilitychange', this.onSight);
  }

  close() {
    document.removeEventListener('keydown', this.onKey, true);
    document.removeEventListener('visibilitychange', this.onSight);
    clearTimeout(this.reporting);
    clearTimeout(this.forgetting);
    this.stages.pause();
    this.curves.close();
    this.socket?.close();
  }

  // What Python says, on every run of the page: a new game where its stamp is another, else what changed in flight.
  update(data, trigger, setState) {
    const isNew = data.stamp !== this.data?.stamp;
    Object.assign(this, {data, trigger, setState});
    this.colour();
    this.offer(data.presets);
    this.socket ??= new GameSocket({
      token: data.token,
      onFrame: (frame) => this.arrived(frame),
      onSaid: (message) => this[`on_${message.kind}`](message),
      onTrouble: (text) => {
        this.trouble.textContent = text;
      },
      onOpen: (isBack) => this.opened(isBack),
    });
    if (isNew) this.begin();
    else this.change(data.live);
    this.sent = {...data.live};
    this.wish = '';
    this.report();
  }

  // A choice that was made hands the keys back to the clock.
  change(live) {
    const others = Object.keys(live).filter((name) => live[name] !== this.sent[name]);
    others.forEach((name) => this.socket.ask('set', {name, value: live[name]}));
    if (others.length && document.activeElement?.matches('[role=combobox]')) document.activeElement.blur();
  }

  opened(isBack) {
    if (!isBack) return this.begin();
    this.socket.ask('back', {game: this.name});
    return this.onSight();
  }

  begin() {
    if (this.socket.socket.readyState !== WebSocket.OPEN) return;
    const {config, played} = this.data;
    this.name = `g${Math.random().toString(36).slice(2)}`;
    this.stages.pause();
    this.stages.restart();
    Object.assign(this, {frame: null, isBegun: false, played: null}); // what still comes is of the game before
    this.diagram.light(null);
    this.stage.textContent = '';
    this.curves.forget();
    this.say({state: 'going', words: played ? 'Playing what the link says' : 'Just begun', reason: '', remedies: []});
    this.socket.ask('new', {game: this.name, config, played});
    this.socket.ask('pace', {value: Number(this.select.value)});
    if (!played && this.wantsPlay) {
      if (this.isSlow) this.stages.play();
      else this.socket.ask('play');
    }
    this.onSight();
  }

  // -- what the server says -------------------------------------------------------------------------------------------

  on_new({real, extent, config}) {
    Object.assign(this, {real, extent, config, isBegun: true});
    Object.assign(this.root.stats, {config, steps_D: 0, steps_G: 0});
    this.plane.extent = extent;
  }

  on_state({config, is_playing, is_again, played}) {
    Object.assign(this, {config, isPlaying: is_playing, isAgain: is_again, played: is_again ? null : (played ?? '')}); // too long for a link: its start
    this.tellButtons();
    this.report();
  }

  // What was played goes into the address once it rests. Not while Python carries out a wish: a rerun in between would take the settings back.
  report() {
    clearTimeout(this.reporting);
    if (this.isPlaying || this.isAgain || this.stages.isOn || typeof this.played !== 'string' || this.wish) return;
    const told = `${this.data.stamp} ${this.played}`;
    if (told === this.told) return;
    this.reporting = setTimeout(() => {
      this.told = told;
      this.setState('state', {stamp: this.data.stamp, played: this.played});
    }, REPORT_MS);
  }

  ask(wish, values = {}) {
    clearTimeout(this.reporting);
    this.wish = wish;
    this.trigger(wish, {...values, n: Date.now()});
  }

  on_measured({health, ...row}) {
    if (!this.isBegun) return;
    if (row.updates_G === undefined && this.stages.isOn) {
      this.stages.pause();
      this.stages.restart();
      this.tellButtons();
    } // it was rewound
    if (row.updates_G !== undefined) this.curves.add('rare', row.updates_G, {js: row.js, w1: row.w1, kl: row.kl, kl_back: row.kl_back});
    this.say(health);
  }

  on_refused({text}) {
    this.trouble.textContent = text;
    clearTimeout(this.forgetting);
    this.forgetting = setTimeout(() => {
      this.trouble.textContent = '';
    }, REFUSED_MS);
  }

  on_gone() {
    this.begin();
  }

  arrived(frame) {
    this.unseen += 1;
    this.awaiting ??= requestAnimationFrame(() => {
      this.awaiting = null;
      this.paint();
    });
    if (!this.isBegun) return;
    this.frame = frame;
    Object.assign(this.root.stats, {steps_D: frame.steps_D, steps_G: frame.steps_G});
    this.stages.arrived(frame);
    this.curves.add('often', frame.steps_G, {loss_D: frame.loss_D, loss_G: frame.loss_G, acc_real: frame.acc_real, acc_fake: frame.acc_fake});
  }

  paint() {
    const {frame} = this;
    for (; this.unseen; this.unseen -= 1) this.socket.ask('seen');
    if (!frame || !this.real) return;
    this.root.stats.frames += 1;
    if (this.points || (this.isSlow && this.stages.stage >= 0)) return;
    this.plane.show(frame, this);
    this.diagram.losses({D: frame.loss_D, G: frame.loss_G});
    this.count(frame);
  }

  showStage(frame, layers, parts, words, after) {
    if (frame && this.real && !this.points) this.plane.show(frame, this, layers);
    this.diagram.light(parts);
    if (after) this.diagram.losses({D: after.loss_D, G: after.loss_G});
    this.stage.textContent = words;
    if (frame) this.count(frame);
  }

  count({steps_D, steps_G, rate}) {
    this.counts.replaceChildren(
      'Updates of D ',
      el('b', {class: 'nD'}, whole(steps_D)),
      ', of G ',
      el('b', {class: 'nG'}, whole(steps_G)),
      rate ? ` \u00b7 ${whole(rate)} rounds/s` : '',
      this.isAgain ? ' \u00b7 playing again' : '',
    );
  }

  say({state, words, reason, remedies}) {
    this.verdict.dataset.state = state;
    if (this.words.textContent !== words) this.words.textContent = words;
    if (this.reason.textContent !== reason) this.reason.textContent = reason;
    const key = JSON.stringify(remedies);
    if (key === this.remediesKey) return;
    this.remediesKey = key;
    this.remedies.replaceChildren(
      ...remedies.map(({label, changes}) => {
        const button = el('button', {type: 'button'}, label);
        button.onclick = () => this.cure(changes);
        return button;
      }),
    );
  }

  // At once here, and in the settings by way of Python, which then finds nothing left to change.
  cure(changes) {
    for (const name in changes) this.socket.ask('set', {name, value: changes[name]});
    Object.assign(this.sent, changes);
    this.ask('remedy', {changes});
    this.go();
  }

  offer(presets) {
    this.presets.replaceChildren(
      ...presets.map(({name, title, about, isNow}) => {
        const button = el('button', {'type': 'button', 'title': about, 'aria-pressed': isNow}, title);
        button.onclick = () => {
          this.wantsPlay = true;
          this.ask('preset', {name});
        };
        return button;
      }),
    );
  }

  // -- looks --------------------------------------------------------------------------------------------------------------

  colour() {
    const style = getComputedStyle(this.host.host || this.host),
      value = (name) => style.getPropertyValue(name).trim();
    const [real, fake, green, arrow] = value('--st-chart-categorical-colors')
        .split(',')
        .map((c) => c.trim()),
      ground = value('--st-background-color');
    const key = [real, fake, green, arrow, ground].join();
    if (key === this.looks) return;
    this.looks = key;
    for (const [name, colour] of Object.entries({real, fake, arrow})) this.root.style.setProperty(`--${name}`, colour);
    this.plane.look({real, fake, arrow, ground});
    this.curves.look({D: real, fake, real, js: green, w1: arrow});
    const dots = {
      real,
      fake,
      arrows: arrow,
      grid: `color-mix(in srgb, ${fake} 55%, transparent)`,
      D: `linear-gradient(90deg, ${fake}, ${ground}, ${real})`,
    };
    this.legend.replaceChildren(
      ...LAYERS.map(([name, text]) => {
        const swatch = el('span', {class: name === 'D' ? 'swatch ramp' : 'swatch'}),
          button = el('button', {'type': 'button', 'aria-pressed': this.plane.shown[name]}, swatch, text);
        swatch.style.background = dots[name];
        button.onclick = () => {
          this.plane.shown[name] = !this.plane.shown[name];
          button.setAttribute('aria-pressed', this.plane.shown[name]);
          this.paint();
        };
        return button;
      }),
    );
    this.paint();
  }
}

export default function ({data, parentElement, setStateValue, setTriggerValue}) {
  parentElement.gamePage ??= new GamePage(parentElement);
  parentElement.gamePage.update(data, setTriggerValue, setStateValue);
  return () => {
    parentElement.gamePage?.close();
    delete parentElement.gamePage;
  };
}
