// What is known about the points: colours, the legend that filters, and the search.

export const ERROR = 'error',
  PART = 'part',
  NONE = 'none';

export class Known {
  constructor(cloud, style) {
    Object.assign(this, {cloud, style, hidden: new Set(), by: NONE, query: '', fault: ''});
  }

  // [[value, words], ...] of everything that points can be coloured by
  choices() {
    const all = this.cloud.info.map((a, k) => [`${k}`, plain(a.name)]);
    if (this.cloud.encodes) all.push([ERROR, 'reconstruction error']);
    if (this.cloud.counts.train) all.push([PART, 'held out or trained on']);
    return [...all, [NONE, 'nothing']];
  }

  // The attribute whose groups (or tenths) lie furthest apart on the map: the most to see before anybody has chosen.
  telling() {
    const {cloud} = this,
      shares = cloud.info.map((a, k) => {
        const sums = new Map(),
          all = [0, 0, 0, 0];
        for (let i = 0; i < cloud.known; i++) {
          const v = cloud.value(i, k),
            at = a.kind === 'continuous' ? Math.floor((9.99 * (v - a.low)) / (a.high - a.low)) : v;
          const group = sums.get(at) ?? sums.set(at, [0, 0, 0]).get(at),
            x = cloud.xy[2 * i],
            y = cloud.xy[2 * i + 1];
          group[0]++;
          group[1] += x;
          group[2] += y;
          all[0] += x;
          all[1] += y;
          all[2] += x * x + y * y;
          all[3]++;
        }
        const between = [...sums.values()].reduce((sum, [n, x, y]) => sum + (x * x + y * y) / n, 0) - (all[0] ** 2 + all[1] ** 2) / all[3];
        return between / (all[2] - (all[0] ** 2 + all[1] ** 2) / all[3] || 1);
      });
    return shares.length ? `${shares.indexOf(Math.max(...shares))}` : this.choices()[0][0];
  }

  // Words of the groups that `by` makes, null where it is a number
  groups() {
    if (this.by === PART) return ['held out', 'trained on'];
    const a = this.cloud.info[this.by];
    if (!a || a.kind === 'continuous') return null;
    return a.choices.length ? [...a.choices] : ['no', 'yes'];
  }

  group(i) {
    return this.by === PART ? (i < this.cloud.counts.test ? 0 : 1) : this.cloud.value(i, +this.by);
  }
  number(i) {
    return this.by === ERROR ? this.cloud.error[i] : this.cloud.value(i, +this.by);
  }

  range() {
    if (this.by !== ERROR) {
      const a = this.cloud.info[this.by];
      return [a.low, a.high];
    }
    const sorted = this.cloud.error.slice(0, this.cloud.images).sort();
    return [sorted[0], sorted[Math.floor(0.98 * (sorted.length - 1))]];
  }

  // One packed colour a point, and which points are shown.
  apply(withPrior) {
    const {cloud} = this,
      groups = this.groups(),
      isNumber = !groups && this.by !== NONE,
      colours = new Uint32Array(cloud.count);
    const palette = this.style.categorical,
      [low, high] = isNumber ? this.range() : [0, 1],
      match = this.matcher();
    for (let i = 0; i < cloud.count; i++) {
      const isImage = i < cloud.images,
        isKnown = this.by === ERROR || this.by === PART ? isImage : i < cloud.known;
      let colour = this.style.grey;
      if (isKnown && groups) colour = palette[this.group(i) % palette.length] ?? this.style.grey;
      else if (isKnown && isNumber) colour = this.scale((this.number(i) - low) / (high - low || 1));
      else if (!isImage && cloud.images) colour = this.style.text;
      else if (this.by === NONE) colour = palette[0];
      colours[i] = colour;
      const isOut = groups && isKnown && this.hidden.has(this.group(i));
      cloud.shown[i] = !(cloud.only && i >= cloud.only) && (isImage || withPrior || !cloud.images) && !isOut && match(i) ? 1 : 0;
    }
    return colours;
  }

  scale(share) {
    const stops = this.style.sequential,
      at = Math.min(Math.max(share || 0, 0), 1) * (stops.length - 1),
      i = Math.min(Math.floor(at), stops.length - 2),
      t = at - i;
    const part = (shift) => Math.round(((stops[i] >> shift) & 255) * (1 - t) + ((stops[i + 1] >> shift) & 255) * t);
    return ((255 << 24) | (part(16) << 16) | (part(8) << 8) | part(0)) >>> 0;
  }

  // "glasses, no hat, age > 0.5, #12": a function of a point; what could not be read is said in `fault`.
  matcher() {
    this.fault = '';
    const tests = this.query
      .toLowerCase()
      .split(/,|\band\b/)
      .map((t) => t.trim())
      .filter(Boolean)
      .map((term) => this.term(term));
    return (i) => tests.every((test) => test(i));
  }

  term(term) {
    const {cloud} = this,
      number = term.match(/^#?(\d+)$/),
      compared = term.match(/^(.+?)\s*([<>])\s*(-?[\d.]+)$/);
    if (number) return (i) => i < cloud.images && cloud.place(i).at === +number[1];
    const named = (name) => cloud.info.findIndex((a) => plain(a.name) === name);
    if (compared && named(compared[1]) >= 0) {
      const k = named(compared[1]),
        to = +compared[3];
      return compared[2] === '>' ? (i) => cloud.value(i, k) > to : (i) => cloud.value(i, k) < to;
    }
    const isNot = /^(no|not|without) /.test(term),
      word = term.replace(/^(no|not|without) /, ''),
      binary = named(word);
    if (binary >= 0 && cloud.info[binary].kind === 'binary') return (i) => (cloud.value(i, binary) === 1) !== isNot;
    const found = cloud.info
      .flatMap((a, k) => a.choices.map((c, v) => [k, v, plain(c).toLowerCase(), plain(a.name)]))
      .filter(([, , choice, name]) => choice === word || `${name} ${choice}` === word || `${name}: ${choice}` === word);
    if (found.length) return (i) => found.some(([k, v]) => cloud.value(i, k) === v) !== isNot;
    this.fault ||= `Nothing is called “${term}”. ${this.hint(word)}`;
    return () => true;
  }

  hint(word) {
    const names = this.cloud.info.flatMap((a) => (a.kind === 'categorical' ? a.choices.map(plain) : [plain(a.name)]));
    const near = names.map((n) => [distance(n.toLowerCase(), word), n]).sort((a, b) => a[0] - b[0])[0];
    return near && near[0] <= 2 ? `Did you mean ${near[1]}?` : names.length ? `Try ${names.slice(0, 3).join(', ')}, or a number.` : 'Try a number.';
  }

  // [[name, value in words], ...] of point i
  words(i) {
    return i < this.cloud.known ? this.cloud.info.map((a, k) => [plain(a.name), inWords(a, this.cloud.value(i, k))]) : [];
  }
}

export const plain = (name) => `${name}`.replaceAll('_', ' ');

function inWords(a, value) {
  if (Number.isNaN(value)) return 'unknown';
  if (a.kind !== 'continuous') return plain((a.choices.length ? a.choices : ['no', 'yes'])[value] ?? value);
  return value.toFixed(Math.max(0, 2 - Math.floor(Math.log10(Math.max(a.high - a.low, 1e-9))))).replace('-', '−');
}

// How many letters have to be changed (Levenshtein).
function distance(a, b) {
  let row = Array.from({length: b.length + 1}, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] !== b[j - 1]));
    row = next;
  }
  return row[b.length];
}
