// How each attribute is spread over the images: shares for what is or is not, bars for choices, columns for what can be measured.

import {el, short, whole} from '../../shell/words.js';

const percent = (share) => `${(100 * share).toFixed(share && share < 0.095 ? 1 : 0)} %`;

const bar = (name, count, total, top) => {
  const share = total ? count / total : 0;
  return el(
    'div',
    {class: 'bar', title: `${name}: ${whole(count)} of ${whole(total)} images`},
    el('span', {class: 'name'}, name),
    el('span', {class: 'track'}, el('div', {class: 'fill', style: `width: ${top ? (100 * count) / top : 0}%`})),
    el('span', {class: 'share'}, percent(share)),
  );
};

const plain = (v) => String(+v.toPrecision(3)).replace('-', '\u2212');

const card = (title, note, wide, ...content) =>
  el('div', {class: `card${wide ? ' wide' : ''}`}, el('h3', {}, title, el('span', {}, note)), ...content);

const sum = (counts) => counts.reduce((a, b) => a + b, 0);

const shares = (facts) => card('yes or no', 'share of yes', false, ...facts.map(({name, counts}) => bar(name, counts[1], sum(counts), sum(counts))));

const choices = ({name, choices, counts}) =>
  card(name, 'share of images', false, ...choices.map((c, i) => bar(c, counts[i], sum(counts), Math.max(...counts))));

const histogram = ({name, counts, low, high, mean, unit}) => {
  const top = Math.max(...counts, 1),
    step = (high - low) / counts.length,
    total = sum(counts);
  const columns = counts.map((c, i) =>
    el('div', {
      style: `height: ${(100 * c) / top}%`,
      title: `${short(low + i * step)} to ${short(low + (i + 1) * step)}${unit}: ${whole(c)} of ${whole(total)} images`,
    }),
  );
  return card(
    name,
    Number.isFinite(mean) ? `mean ${short(mean)}${unit}` : '',
    false,
    el('div', {'class': 'columns', 'role': 'img', 'aria-label': `${name}: mean ${short(mean)}`}, ...columns),
    el('div', {class: 'ends'}, el('span', {}, plain(low) + unit), el('span', {}, plain(high) + unit)),
  );
};

export default function ({data, parentElement}) {
  const of = (kind) => data.facts.filter((fact) => fact.kind === kind),
    binary = of('binary');
  parentElement
    .querySelector('.facts')
    .replaceChildren(...(binary.length ? [shares(binary)] : []), ...of('categorical').map(choices), ...of('continuous').map(histogram));
}
