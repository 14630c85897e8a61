// Slow motion: each update in its stages, named and lit. The update is really made at its first stage; what it changed shows at its last.

import {short} from '../../shell/words.js';

const FORWARD = ['noise', 'noiseG', 'G', 'Gfake', 'fake'];
export const STAGES = {
  D: [
    {lit: FORWARD, layers: ['fake', 'grid'], say: () => 'G turns fresh noise into fakes.'},
    {lit: ['fake', 'fakeD', 'real', 'realD', 'D'], layers: ['fake', 'real', 'D'], say: () => 'D judges fakes and as many real points.'},
    {lit: ['D', 'DlossD', 'lossD'], layers: ['fake', 'real', 'D'], say: (f) => `D\u2019s loss says how wrong it was: ${short(f.loss_D)}.`},
    {lit: ['lossD', 'gradD', 'D'], layers: ['D'], isNew: true, say: () => 'Its gradient changes D and nothing else: watch the colours.'},
  ],
  G: [
    {lit: FORWARD, layers: ['fake', 'grid'], say: () => 'G turns fresh noise into fakes.'},
    {lit: ['fake', 'fakeD', 'D'], layers: ['fake', 'D'], say: () => 'D judges them. Real points play no part now.'},
    {lit: ['D', 'DlossG', 'lossG'], layers: ['fake', 'D'], say: (f) => `G\u2019s loss says how well D saw through them: ${short(f.loss_G)}.`},
    {lit: ['lossG', 'gradG', 'D', 'fake'], layers: ['fake', 'D', 'arrows'], say: () => 'The gradient goes back through D to every fake: the arrows.'},
    {lit: ['gradG', 'G', 'Gfake', 'fake'], layers: ['fake', 'grid'], isNew: true, say: () => 'It changes G and nothing else: watch the fakes move.'},
  ],
};
const STAGE_MS = 1300;

export class Stages {
  // take(who) asks for an update; show(frame, lit layers, lit parts, words) draws; end() is called when a walk was broken off
  constructor({take, show, k}) {
    Object.assign(this, {take, show, k, before: null, after: null, isOn: false, timer: 0});
    this.restart();
  }

  restart() {
    clearTimeout(this.timer);
    Object.assign(this, {who: 'D', nth: 0, stage: -1, after: null, awaited: false});
  }

  play() {
    if (!this.isOn) {
      this.isOn = true;
      this.next();
    }
  }

  pause() {
    this.isOn = false;
    clearTimeout(this.timer);
  }

  // The frame of the update that was asked for has a loss of that player alone; any other shows what was before it.
  arrived(frame) {
    const [mine, other] = this.who === 'D' ? [frame.loss_D, frame.loss_G] : [frame.loss_G, frame.loss_D];
    if (this.awaited && Number.isFinite(mine) && !Number.isFinite(other)) Object.assign(this, {after: frame, awaited: false});
    else if (!this.after) this.before = frame;
  }

  next() {
    clearTimeout(this.timer);
    if (this.stage + 1 >= STAGES[this.who].length) this.turn();
    if (this.stage === -1) {
      this.awaited = true;
      this.take(this.who);
    }
    if (this.stage >= 0 && !this.after) {
      this.timer = setTimeout(() => this.next(), 50);
      return;
    }
    this.stage += 1;
    this.draw();
    if (this.isOn) this.timer = setTimeout(() => this.next(), STAGE_MS);
  }

  // Whose update is next: k of D, then one of G.
  turn() {
    this.before = this.after;
    this.nth += 1;
    if (this.who === 'G' || this.nth >= this.k()) Object.assign(this, {who: this.who === 'G' ? 'D' : 'G', nth: 0});
    Object.assign(this, {stage: -1, after: null});
  }

  draw() {
    const {lit, layers, isNew, say} = STAGES[this.who][this.stage],
      count = this.who === 'D' && this.k() > 1 ? ` ${this.nth + 1} of ${this.k()}` : '';
    const frame = isNew ? this.after : (this.before ?? this.after);
    this.show(
      frame,
      new Set(layers),
      lit,
      `Update${count} of ${this.who}, stage ${this.stage + 1} of ${STAGES[this.who].length}. ${say(this.after ?? frame)}`,
      this.after,
    );
  }
}
