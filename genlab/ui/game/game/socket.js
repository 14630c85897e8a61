// A client of /api/game (genlab/server/gameframe.py): frames in binary, the rest in JSON; comes back to its game when the line was cut.

import {freshToken, socketAt} from '../../shell/address.js';

const FRAME_HEAD = 56,
  UNKNOWN_PAGE = 4403,
  FULL = 4429,
  LONGEST_WAIT_MS = 5000;

export class GameSocket {
  // onFrame(frame), onSaid(message), onTrouble(text, or '' when it is over), onOpen(isBack)
  constructor({token, ...told}) {
    Object.assign(this, {token, ...told, wait: 250, closed: false, opened: 0});
    this.open();
  }

  ask(op, values = {}) {
    if (this.socket.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify({op, ...values}));
  }

  close() {
    this.closed = true;
    clearTimeout(this.timer);
    this.socket.close();
  }

  open() {
    const socket = (this.socket = new WebSocket(socketAt('api/game'), ['genlab.game.1', this.token]));
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => {
      this.wait = 250;
      this.onTrouble('');
      this.onOpen(this.opened++ > 0);
    };
    socket.onmessage = ({data}) => (typeof data === 'string' ? this.onSaid(JSON.parse(data)) : this.onFrame(readFrame(data)));
    socket.onclose = (event) => this.lost(event);
  }

  lost({code, reason}) {
    if (this.closed) return;
    this.onTrouble(code === UNKNOWN_PAGE ? 'Connecting again.' : reason || 'The connection is lost; trying again.');
    this.timer = setTimeout(() => (code === UNKNOWN_PAGE ? this.introduce() : this.open()), code === FULL ? LONGEST_WAIT_MS : this.wait);
    this.wait = Math.min(2 * this.wait, LONGEST_WAIT_MS);
  }

  // The server was started anew and knows nobody: ask it for another token.
  async introduce() {
    try {
      this.token = await freshToken(this.token, this.onTrouble);
    } finally {
      if (!this.closed) this.open();
    }
  }
}

const NUMBERS = ['loss_D', 'loss_G', 'acc_real', 'acc_fake', 'grad_D', 'grad_G', 'border', 'reach', 'rate', 'longest'];

const readFrame = (message) => {
  const head = new DataView(message),
    [cells, lines, columns] = [2, 3, 4].map((i) => head.getUint8(i)),
    n = head.getUint16(6, true);
  const frame = {state: head.getUint8(1), cells, lines, columns, n, steps_D: head.getUint32(8, true), steps_G: head.getUint32(12, true)};
  NUMBERS.forEach((name, i) => {
    frame[name] = head.getFloat32(16 + 4 * i, true);
  });
  const at = (from, count) => new Int16Array(message, FRAME_HEAD + 2 * from, count);
  Object.assign(frame, {fakes: at(0, 2 * n), arrows: at(2 * n, 2 * n), grid: at(4 * n, 2 * lines * columns)});
  frame.heat = new Uint8Array(message, FRAME_HEAD + 8 * n + 4 * lines * columns, cells * cells);
  return frame;
};
