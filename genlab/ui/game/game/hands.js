// The clock of the game in 2D: what buttons and keys do with it. Part of GamePage.

import {Drawing} from './drawing.js';
import {STAGES} from './stages.js';

export class Hands extends Drawing {
  toggle() {
    if (this.isSlow ? this.stages.isOn : this.isPlaying) this.rest();
    else this.go();
  }

  go() {
    this.wantsPlay = true;
    if (!this.isSlow) {
      this.clearStage();
      this.socket.ask('play');
    } else if (!this.stages.isOn) {
      this.stages.before = this.frame;
      this.stages.play();
    }
    this.tellButtons();
  }

  rest() {
    this.wantsPlay = false;
    this.stages.pause();
    this.socket.ask('pause');
    this.tellButtons();
  }

  takeOne(who) {
    this.wantsPlay = false;
    this.stages.pause();
    this.stages.restart();
    this.socket.ask('take', {who});
    const parts = {D: STAGES.D.at(-1).lit, G: STAGES.G.at(-1).lit, round: null}[who];
    this.diagram.light(parts);
    this.stage.textContent = {
      D: 'One update of D: the colours change, the fakes stay.',
      G: 'One update of G: the fakes move, D stays.',
      round: `One round: ${this.config?.k ?? 1} of D, one of G.`,
    }[who];
    this.tellButtons();
  }

  setSlow(isSlow) {
    const wasGoing = this.isPlaying || this.stages.isOn;
    this.isSlow = isSlow;
    this.stages.pause();
    this.stages.restart();
    this.slow.setAttribute('aria-pressed', isSlow);
    if (!isSlow) this.clearStage();
    if (isSlow) this.socket.ask('pause');
    if (wasGoing || isSlow) this.go();
    this.tellButtons();
  }

  clearStage() {
    this.diagram.light(null);
    this.stage.textContent = '';
  }

  tellButtons() {
    const isGoing = this.isPlaying || this.stages.isOn;
    this.play.textContent = isGoing ? 'Pause' : 'Play';
    this.play.setAttribute('aria-label', isGoing ? 'Pause' : 'Play');
  }

  press(event) {
    const at = event.composedPath()[0],
      key = event.key.toLowerCase();
    if (
      event.ctrlKey ||
      event.metaKey ||
      event.altKey ||
      at.matches?.('input, textarea, select, [contenteditable], [role=combobox], [role=slider], [role=option]')
    )
      return;
    if (key === ' ' && at.matches?.('button, a, summary, [role=radio]')) return;
    const act = {
      ' ': () => this.toggle(),
      'd': () => this.takeOne('D'),
      'g': () => this.takeOne('G'),
      'n': () => this.takeOne('round'),
      's': () => this.setSlow(!this.isSlow),
    }[key];
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    if (!event.repeat || 'dgn'.includes(key)) act();
  }
}
