// How a map looks: the theme's colours as numbers, and the legend, which filters.

import {ERROR, NONE, plain} from './known.js';

const make = (tag, set, ...children) => {
  const node = Object.assign(document.createElement(tag), set);
  node.append(...children);
  return node;
};
export const css = (packed) => `rgb(${packed & 255},${(packed >> 8) & 255},${(packed >> 16) & 255})`;

// A colour as the four bytes of a pixel.
function packedColour(text) {
  const hex = text.trim().match(/^#([0-9a-f]{6})/i),
    numbers = () => (text.match(/[\d.]+/g) ?? [128, 128, 128]).map(Number);
  const rgb = hex ? [0, 2, 4].map((i) => parseInt(hex[1].slice(i, i + 2), 16)) : numbers();
  return ((255 << 24) | (rgb[2] << 16) | (rgb[1] << 8) | rgb[0]) >>> 0;
}

// What the theme says around this element.
export function styleOf(root) {
  const style = getComputedStyle(root),
    value = (name) => style.getPropertyValue(name).trim(),
    list = (name) => value(name).split(',').map(packedColour);
  const categorical = list('--st-chart-categorical-colors');
  return {
    categorical,
    sequential: list('--st-chart-sequential-colors'),
    sets: {a: categorical[0], b: categorical[1]},
    grey: packedColour('#8a969d'),
    background: packedColour(value('--st-secondary-background-color')),
    text: packedColour(value('--st-text-color')),
    ink: value('--st-text-color'),
    accent: value('--st-primary-color'),
  };
}

// What stands below a map: its groups, each of which can be hidden, or its scale; and how many points are shown.
export function legendOf(map) {
  const {known, cloud, style} = map,
    groups = known.groups(),
    all = cloud.images || cloud.count;
  const count = make('span', {textContent: `${cloud.shown.subarray(0, all).reduce((a, b) => a + b, 0)} of ${all} shown`});
  if (groups) {
    return [
      ...groups.map((name, v) => {
        const dot = make('i', {}),
          button = make('button', {type: 'button', title: `Hide or show ${plain(name)}`}, dot, plain(name));
        dot.style.background = css(style.categorical[v % style.categorical.length]);
        button.setAttribute('aria-pressed', known.hidden.has(v));
        button.onclick = () => {
          if (!known.hidden.delete(v)) known.hidden.add(v);
          map.refilter();
          map.tell();
        };
        return button;
      }),
      count,
    ];
  }
  if (known.by === NONE) return [count];
  const [low, high] = known.range(),
    ramp = make('span', {className: 'ramp'}),
    digits = high - low < 0.1 ? 4 : 2;
  ramp.style.background = `linear-gradient(to right, ${style.sequential.map(css).join(',')})`;
  return [low.toFixed(digits).replace('-', '−'), ramp, high.toFixed(digits) + (known.by === ERROR ? ' MSE per pixel' : ''), count];
}
