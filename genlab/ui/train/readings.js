// One line on what a metric's curve says. What metrics are called comes with a run, from its model.

import {short} from '../shell/words.js';

const FACTS = new Set(['step', 'epoch', 'seconds', 'lr', 'images_per_s']);

// Names to draw, in the model's own order; what it does not know comes last.
export const drawn = (curves, metrics) => {
  const names = Object.values(curves)
    .flatMap((split) => Object.keys(split))
    .filter((n, i, all) => all.indexOf(n) === i && !FACTS.has(n));
  const known = Object.keys(metrics).filter((n) => names.includes(n) && metrics[n].is_drawn);
  return known.concat(names.filter((n) => !(n in metrics)));
};

export const metric = (name, metrics) => metrics[name] || {title: name.replaceAll('_', ' '), unit: '', better: '', reading: ''};

export const last = (values = []) => {
  for (let i = values.length - 1; i >= 0; i--) if (values[i] !== null) return values[i];
  return null;
};

const mean = (values) => values.reduce((a, b) => a + b, 0) / values.length;

// -1, 0 or 1: where the last quarter has gone. What is within its noise, or a hundredth of the whole way, is nowhere.
const trend = (values = []) => {
  const settled = values.filter((v) => v !== null).slice(Math.floor(values.length * 0.04)),
    n = settled.length;
  if (n < 6) return null;
  const quarter = Math.max(2, Math.floor(n / 4)),
    newest = mean(settled.slice(-quarter)),
    before = mean(settled.slice(-2 * quarter, -quarter));
  const way = Math.abs(newest - mean(settled.slice(0, quarter)));
  const jumps = settled.slice(-2 * quarter).map((v, i, all) => (i ? (v - all[i - 1]) ** 2 / 2 : 0));
  const noise = Math.sqrt((mean(jumps) * 2) / quarter);
  return Math.abs(newest - before) <= Math.max(0.01 * way, 2 * noise) ? 0 : Math.sign(newest - before);
};

// What held-out images say while training images still get better: how much of what was learnt is lost again, and whether
// the second half of the training brought them anything.
const unseen = (name, curves, up) => {
  const sign = up ? 1 : -1,
    {epoch = []} = curves.test,
    values = curves.test[name] || [];
  const seen = epoch.map((x, i) => [x, sign * values[i]]).filter((_, i) => values[i] !== null && values[i] !== undefined);
  if (seen.length < 4 || trend(curves.train[name]) !== sign) return {lost: 0, stalled: false};
  const end = seen[seen.length - 1],
    best = (points) => Math.max(...points.map(([, v]) => v));
  const early = seen.filter(([x]) => x <= end[0] / 2),
    late = seen.filter(([x]) => x > end[0] / 2),
    learnt = best(seen) - seen[0][1] || 1;
  return {lost: (best(seen) - end[1]) / learnt, stalled: early.length > 1 && best(late) - best(early) < 0.01 * learnt};
};

const GOING = {
  elbo: {
    '1': 'Rising: it explains its images better and better.',
    '0': 'Flat: at these settings there is little left to learn.',
    '-1': 'Falling: something else outweighs it, a large beta perhaps.',
  },
  recon: {
    '1': 'Rising: images are rebuilt less closely than before.',
    '0': 'Flat: images are rebuilt about as closely as they will be.',
    '-1': 'Falling: images are rebuilt more and more closely.',
  },
};

// The newest tenth of a curve, averaged: one batch says little. null while there is too little to see.
const lately = (values = []) => {
  const there = values.filter((v) => v !== null && v !== undefined);
  return there.length < 5 ? null : mean(there.slice(-Math.ceil(there.length / 10)));
};

// Who wins the game of D and G, as far as D's judgements tell; '' where neither does.
const verdict = ({train, test}) => {
  const real = lately(train.acc_real),
    fake = lately(train.acc_fake);
  const held = (test.acc_real || []).filter((v) => v !== null).slice(-3);
  if (real === null || fake === null) return '';
  if (held.length === 3 && real - mean(held) > 0.25)
    return 'Held-out images look made to D: it learns the training ones by heart. Shifts and holes for D help.';
  if (real > 0.97 && fake > 0.97)
    return 'D is hardly ever wrong. Where samples stop getting better, a slower D gives G a chance, or R1 if D has no batch norm.';
  return real < 0.6 && fake < 0.6 ? 'D only guesses: G wins, or D is too weak to teach it.' : '';
};

// The best epoch by what steps are chosen by: KID on other images than the curve's, in runs that have it.
export const bestEpoch = ({kid = [], kid_choice = [], epoch}) => {
  const by = kid.map((v, i) => (v === null ? null : (kid_choice[i] ?? v))),
    seen = by.filter((v) => v !== null);
  return seen.length ? epoch[by.indexOf(Math.min(...seen))] : null;
};

// Where samples were best, and whether they have become worse since.
const atBest = (curves) => {
  const {kid, epoch, kid_high = []} = curves,
    at = epoch.indexOf(bestEpoch(curves)),
    best = kid[at];
  return `Best at epoch ${Math.round(epoch[at])}: ${short(best)}.${last(kid) > (kid_high[at] ?? Infinity) ? ' Samples have become worse since.' : ''}`;
};

// One line on a metric's curve, or '' while there is too little to see.
export const reading = (name, curves, metrics) => {
  const train = curves.train[name],
    test = curves.test[name],
    now = last(curves.eval[name]) ?? last(test) ?? last(train),
    {better, reading: hint} = metric(name, metrics);
  if (now === null) return '';
  if (name === 'kid') return atBest(curves.eval);
  if (name === 'elbo' || name === 'recon') {
    const {lost, stalled} = unseen(name, curves, better === 'higher');
    if (lost > 0.1) return 'Better on training images, worse on held-out ones: it learns them by heart.';
    if (stalled) return 'Better on training images, no longer on held-out ones.';
  }
  if (name === 'mse') return `A pixel is off by about ${Math.round(100 * Math.sqrt(now))} % of full brightness.`;
  if (name === 'kl') return `A code says about ${+(now / Math.LN2).toPrecision(2)} bits about its image.`;
  if (name === 'acc_real' && verdict(curves)) return verdict(curves);
  const way = trend(train);
  return GOING[name] && way !== null ? GOING[name][way] : hint ? `${hint[0].toUpperCase()}${hint.slice(1)}.` : '';
};
