// A run as it goes: how far it is, what it rebuilds and makes up, its curves, and what happened to it.

import {routeAt} from '../shell/address.js';
import {Chart, nearest} from '../shell/chart.js';
import {duration, el, short, whole} from '../shell/words.js';
import {Bars} from './bars.js';
import {Feed} from './feed.js';
import {bestEpoch, drawn, last, metric, reading} from './readings.js';
import {Sheet} from './sheet.js';

const STATES = {
  queued: 'Waiting',
  running: 'Training',
  paused: 'Paused',
  parked: 'Paused',
  stopped: 'Stopped',
  finished: 'Finished',
  failed: 'Failed',
  interrupted: 'Interrupted',
  gone: 'Gone',
};

class Panel {
  constructor(root, tell) {
    Object.assign(this, {root, tell, charts: {}, picked: null, told: null});
    const find = (name) => root.querySelector(`[data-part=${name}]`);
    this.part = Object.fromEntries(
      [
        'state',
        'facts',
        'bar',
        'message',
        'cards',
        'recon',
        'samples',
        'recon-card',
        'scrub',
        'when',
        'replay',
        'scrubber',
        'kl',
        'kl-text',
        'kl-card',
        'events',
      ].map((name) => [name, find(name)]),
    );
    this.recon = new Sheet(this.part.recon, {paired: true});
    this.samples = new Sheet(this.part.samples, {});
    this.bars = new Bars(this.part.kl);
    this.part.scrub.addEventListener('input', () => this.pick(+this.part.scrub.value));
    this.part.replay.addEventListener('click', () => this.replay());
  }

  follow(data) {
    this.data = data;
    this.colors = getComputedStyle(this.root.host || this.root)
      .getPropertyValue('--st-chart-categorical-colors')
      .split(',')
      .map((c) => c.trim());
    if (this.colors.length < 2) this.colors = ['#0072b2', '#d55e00'];
    this.told = data.state;
    if (this.feed && this.feed.run === data.run) {
      if (this.feed.state) this.show(this.feed);
      this.feed.ask();
      return;
    }
    this.close();
    this.picked = null;
    this.feed = new Feed(
      data.run,
      (feed) => this.show(feed),
      (reason) => {
        this.part.message.textContent = reason;
      },
    );
  }

  close() {
    clearInterval(this.playing);
    if (this.feed) this.feed.close();
    this.feed = null;
  }

  show(feed) {
    this.status(feed);
    this.pictures(feed);
    this.curves(feed);
    this.part['kl-card'].hidden = !feed.kl_dims.length;
    if (feed.kl_dims.length) this.part['kl-text'].textContent = this.bars.show(feed.kl_dims);
    this.happened(feed.events);
    if (feed.state !== this.told) {
      this.told = feed.state;
      this.tell(feed.state);
    }
  }

  status(feed) {
    const {state, total_steps, step, place} = feed,
      part = this.part;
    part.state.textContent = STATES[state] || state;
    part.state.dataset.state = state;
    const share = total_steps ? step / total_steps : 0,
      left = feed.left();
    part.bar.style.width = `${100 * share}%`;
    part.bar.parentElement.setAttribute('aria-valuenow', Math.round(100 * share));
    const fact = (value, unit) => el('span', {class: 'fact'}, el('b', {}, value), ` ${unit}`);
    const facts = [];
    if (state === 'queued' && place) {
      facts.push(fact(place.ahead ? whole(place.ahead) : 'no', place.ahead === 1 ? 'run ahead' : 'runs ahead'));
      if (place.starts_in_s) facts.push(fact(`about ${duration(place.starts_in_s)}`, 'until it starts'));
    }
    if (total_steps) {
      facts.push(fact(`${epochText(feed.epoch)} of ${whole(this.data.epochs)}`, 'epochs'));
      facts.push(fact(`${whole(step)} of ${whole(total_steps)}`, 'steps'));
    }
    if (feed.images_per_s) facts.push(fact(whole(feed.images_per_s), 'images/s'));
    if (state === 'running' && Number.isFinite(left)) facts.push(fact(duration(left), 'left'));
    else if (last(feed.curves.train.seconds)) facts.push(fact(duration(last(feed.curves.train.seconds)), 'of training'));
    part.facts.replaceChildren(...facts);
    part.message.textContent =
      ['failed', 'interrupted', 'parked', 'queued'].includes(state) ||
      feed.events.at(-1)?.kind === 'failed' ||
      (state === 'running' && feed.message !== feed.events.at(-1)?.text)
        ? feed.message
        : '';
    part.message.dataset.state = state;
  }

  // -- pictures, now or at a kept moment -----------------------------------------------------------------------

  pictures(feed) {
    const {live, kept} = feed.pictures,
      slider = this.part.scrub;
    this.part.scrubber.hidden = kept.length < 2;
    const follows = this.picked === null;
    slider.max = kept.length;
    if (follows) slider.value = kept.length;
    const step = follows ? null : (kept[this.picked] ?? null);
    const name = step === null ? 'live' : step,
      version = step === null ? live : 0;
    if (!live && !kept.length) return;
    const address = (kind) => routeAt(`api/preview/${encodeURIComponent(feed.run)}/${name}-${kind}.png?v=${version}`);
    const when = `epoch ${epochText(step === null ? feed.epoch : this.epochOf(feed, step))}`;
    this.part.when.textContent = when;
    this.part['recon-card'].hidden = !this.data.can_encode;
    if (this.data.can_encode) this.recon.show(address('recon'), `Held-out images and their reconstructions at ${when}`);
    this.samples.show(address('samples'), `Images decoded from random codes at ${when}`);
  }

  epochOf(feed, step) {
    const of = (split) => {
      const {step: steps = [], epoch = []} = feed.curves[split],
        i = nearest(steps, step);
      return i < 0 ? null : [Math.abs(steps[i] - step), epoch[i]];
    };
    const found = [of('test'), of('eval')].filter((pair) => pair);
    return found.length ? found.sort((a, b) => a[0] - b[0])[0][1] : null;
  }

  pick(place) {
    const {kept} = this.feed.pictures;
    this.picked = place >= kept.length ? null : place;
    this.pictures(this.feed);
    this.crossAt(this.picked === null ? null : this.epochOf(this.feed, kept[this.picked]));
  }

  replay() {
    clearInterval(this.playing);
    let place = -1;
    const turn = () => {
      place += 1;
      this.part.scrub.value = place;
      this.pick(place);
      if (place >= this.feed.pictures.kept.length) clearInterval(this.playing);
    };
    this.playing = setInterval(turn, 450);
    turn();
  }

  // -- curves --------------------------------------------------------------------------------------------------

  curves(feed) {
    const changes = feed.events.filter((e) => e.kind === 'changed').map((e) => ({x: this.epochAt(feed, e.step), text: changeText(e.values)}));
    const best = bestEpoch(feed.curves.eval),
      {only} = this.data;
    for (const name of drawn(feed.curves, feed.metrics).filter((name) => !only || only.includes(name))) {
      const marks = best !== null && feed.curves.eval[name] ? [...changes, {x: best, text: 'best step'}] : changes;
      const card = (this.charts[name] ||= this.card(name, feed.metrics));
      const lines = ['train', 'test', 'eval'].map((split, i) => ({
        label: ['train', 'held-out', 'samples'][i],
        color: this.colors[Math.min(i, 1)],
        dots: i > 0,
        x: feed.curves[split][name] ? feed.curves[split].epoch : [],
        y: feed.curves[split][name] || [],
      }));
      const text = reading(name, feed.curves, feed.metrics);
      card.chart.show(lines, marks, `${metric(name, feed.metrics).title}: ${text}`);
      card.values.replaceChildren(
        ...lines
          .filter((line) => last(line.y) !== null)
          .map((line) => el('span', {style: `color: ${line.color}`}, `${line.label} `, el('b', {}, short(last(line.y))))),
        ` ${metric(name, feed.metrics).unit}`,
      );
      card.text.textContent = text;
    }
  }

  epochAt(feed, step) {
    const {step: steps = [], epoch = []} = feed.curves.train,
      i = nearest(steps, step);
    return i < 0 ? 0 : steps[i] ? (epoch[i] * step) / steps[i] : epoch[i];
  }

  card(name, metrics) {
    const {title} = metric(name, metrics),
      values = el('div', {class: 'values'}),
      plot = el('div', {class: 'plot'}),
      text = el('p', {class: 'reading'});
    const node = el('section', {'class': 'card', 'data-metric': name}, el('h3', {}, title), values, plot, text);
    this.part.cards.insertBefore(node, this.part['kl-card']);
    return {chart: new Chart(plot, {x_title: 'epoch', hover: (x) => this.crossAt(x)}), values, text};
  }

  crossAt(x) {
    for (const {chart} of Object.values(this.charts)) chart.crossAt(x);
  }

  happened(events) {
    if (events === this.shown) return;
    this.shown = events;
    const time = (s) => new Date(1000 * s).toLocaleTimeString([], {hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23'});
    this.part.events.replaceChildren(
      ...events
        .slice(-40)
        .reverse()
        .map((e) => el('li', {}, el('time', {}, time(e.time)), ` ${e.text}`)),
    );
  }
}

// 12, or 12.3 in the middle of an epoch; a shown epoch has been reached.
const epochText = (v) => {
  const tenths = Math.floor(v * 10 + 1e-6) / 10;
  return Number.isInteger(tenths) ? whole(tenths) : `${whole(Math.floor(tenths))}.${Math.round(tenths * 10) % 10}`;
};

const changeText = (values) =>
  Object.entries(values)
    .map(([name, value]) => `${name} ${typeof value === 'string' ? value : value < 0.001 && value ? value.toExponential(0) : +value.toPrecision(3)}`)
    .join(', ');

export default function ({data, parentElement, setStateValue}) {
  const panel = (parentElement.genlabPanel ||= new Panel(parentElement, (state) => setStateValue('state', [state, Date.now()])));
  panel.follow(data);
  return () => {
    panel.close();
    delete parentElement.genlabPanel;
  };
}
