// One latent at every kept moment of a run's training, played like a film. All frames come in one reply.

import {DecodeSocket, draw, floats} from '../../shell/decode.js';

const FRAME_MS = 250,
  LAST_MS = 1500;

class Film {
  constructor(root) {
    this.root = root.querySelector('.film');
    for (const [name, part] of [
      ['canvas', 'canvas'],
      ['input', 'input'],
      ['button', 'button'],
      ['said', '.said'],
    ])
      this[name] = root.querySelector(part);
    this.frames = [];
    this.input.oninput = () => {
      this.stop();
      this.show(Number(this.input.value));
    };
    this.button.onclick = () => (this.timer ? this.stop() : this.play());
  }

  update(data) {
    const isOther = data.z !== this.data?.z || data.targets.join() !== this.data.targets.join();
    const isLonger = data.targets.length !== this.data?.targets.length;
    this.data = data;
    const {token} = data;
    this.input.max = data.targets.length - 1;
    if (isLonger) this.input.value = data.targets.length - 1;
    this.root.style.setProperty('--size', `${data.size}px`);
    this.socket ??= new DecodeSocket({
      token,
      onReply: ({pictures}) => this.take(pictures),
      onTrouble: (text) => {
        if (text) this.said.textContent = text;
      },
    });
    const z = floats(data.z);
    if (isOther) this.socket.ask(data.targets, z, z.length);
  }

  take(pictures) {
    this.frames = pictures;
    this.show(Number(this.input.value));
  }

  show(i) {
    this.input.value = i;
    const frame = this.frames[i];
    if (!frame) return;
    draw(this.canvas, frame);
    this.said.textContent = this.data.labels[i];
    this.input.setAttribute('aria-valuetext', this.data.labels[i]);
  }

  play() {
    const last = this.frames.length - 1,
      next = Number(this.input.value) >= last ? 0 : Number(this.input.value) + 1;
    this.root.classList.add('playing');
    this.show(next);
    this.timer = setTimeout(() => this.play(), next === last ? LAST_MS : FRAME_MS);
  }

  stop() {
    clearTimeout(this.timer);
    this.timer = null;
    this.root.classList.remove('playing');
  }

  close() {
    this.stop();
    this.socket?.close();
  }
}

export default function ({data, parentElement}) {
  parentElement.film ??= new Film(parentElement);
  parentElement.film.update(data);
  return () => {
    parentElement.film?.close();
    delete parentElement.film;
  };
}
