// Follows one run: asks for what is new, keeps the curves, tells its listener. Rests when the run does or nobody looks.

import {routeAt} from '../shell/address.js';

const ALIVE = ['queued', 'running', 'paused'];
const MOST_POINTS = 1200;

export class Feed {
  constructor(run, listener, failed = () => {}) {
    Object.assign(this, {run, listener, failed, timer: 0, busy: false, closed: false, failures: 0, born: Date.now()});
    this.forget();
    this.onVisible = () => {
      if (!document.hidden) this.ask();
    };
    document.addEventListener('visibilitychange', this.onVisible);
    this.ask();
  }

  forget() {
    this.cursor = '';
    this.curves = {train: {}, test: {}, eval: {}};
    this.kl_dims = [];
    this.events = [];
    this.metrics = {};
  }

  close() {
    this.closed = true;
    clearTimeout(this.timer);
    document.removeEventListener('visibilitychange', this.onVisible);
  }

  async ask() {
    if (this.busy || this.closed) {
      this.again = this.busy;
      return;
    }
    clearTimeout(this.timer);
    this.busy = true;
    this.again = false;
    try {
      const response = await fetch(routeAt(`api/run/${encodeURIComponent(this.run)}/live?since=${this.cursor}`), {signal: AbortSignal.timeout(8000)});
      const answer = await response.json();
      if (response.ok) this.take(answer);
      else this.end(answer.error);
      this.failures = 0;
    } catch (error) {
      this.failures += 1;
      if (!this.closed && this.failures > 1) this.failed('No answer from the server; trying again.');
    }
    this.busy = false;
    this.plan();
  }

  end(reason) {
    this.state = 'gone';
    this.failed(reason);
  }

  // When to ask next: soon while the first picture is about to come, not at all at rest or out of sight.
  plan() {
    if (this.closed || document.hidden) return;
    const resting = !ALIVE.includes(this.state) && !this.failures;
    if (resting && !this.again) return;
    const eager = this.state === 'running' || Date.now() - this.born < 4000,
      awaited = !(this.pictures && this.pictures.live);
    const wait = this.again ? 0 : this.failures ? Math.min(1000 * 2 ** this.failures, 15000) : eager && awaited ? 200 : 1000 * this.wait_s;
    this.timer = setTimeout(() => this.ask(), wait);
  }

  take(answer) {
    if (this.closed) return;
    if (answer.from_start) this.forget();
    for (const split of ['train', 'test', 'eval']) this.grow(split, answer[split]);
    const {state, message, step, epoch, total_steps, images_per_s, place, pictures, cursor, wait_s} = answer;
    Object.assign(this, {state, message, step, epoch, total_steps, images_per_s, place, pictures, cursor, wait_s});
    if (answer.kl_dims.length) this.kl_dims = answer.kl_dims;
    if (answer.metrics) this.metrics = answer.metrics;
    if (answer.events) this.events = answer.events;
    this.listener(this);
  }

  grow(split, news) {
    const curves = this.curves[split],
      had = (curves.step || []).length;
    for (const name in news) (curves[name] ||= Array(had).fill(null)).push(...news[name]);
    while ((curves.step || []).length > MOST_POINTS) for (const name in curves) curves[name] = pairs(curves[name]);
  }

  // Seconds of training still to do, by the pace of the last rows.
  left() {
    const {step, seconds} = this.curves.train,
      n = step ? step.length : 0;
    if (n < 3 || this.state !== 'running') return NaN;
    const from = Math.max(0, n - 20);
    return ((this.total_steps - this.step) * (seconds[n - 1] - seconds[from])) / (step[n - 1] - step[from]);
  }
}

// Neighbours averaged, the last value kept as it is.
const pairs = (values) => {
  const half = [];
  for (let i = 0; i + 1 < values.length - 1; i += 2) {
    const [a, b] = [values[i], values[i + 1]];
    half.push(a === null || b === null ? (a ?? b) : (a + b) / 2);
  }
  half.push(values[values.length - 1]);
  return half;
};
