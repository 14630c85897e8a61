// Numbers in words, and elements without innerHTML: a run's title is somebody's text.

export const short = (v) => {
  if (v === null || v === undefined || !Number.isFinite(v)) return '–';
  const size = Math.abs(v);
  if (size !== 0 && (size < 0.001 || size >= 1e7)) return v.toExponential(1).replace('e+', 'e');
  const digits = size >= 1000 ? 0 : size >= 100 ? 1 : size >= 10 ? 2 : size >= 1 ? 2 : 3;
  return v
    .toFixed(digits)
    .replace(/\B(?=(\d{3})+(?!\d)(?=\.|$))/g, '\u202f')
    .replace('-', '\u2212');
};

export const whole = (v) =>
  Math.round(v)
    .toString()
    .replace(/\B(?=(\d{3})+(?!\d))/g, '\u202f');

export const duration = (s) => {
  if (!Number.isFinite(s)) return '';
  if (s < 90) return `${Math.max(1, Math.round(s))} s`;
  if (s < 5400) return `${Math.round(s / 60)} min`;
  return `${(s / 3600).toFixed(1)} h`;
};

export const el = (tag, attributes = {}, ...children) => {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
};

export const svg = (tag, attributes = {}, text = null) => {
  const node = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  if (text !== null) node.textContent = text;
  return node;
};
