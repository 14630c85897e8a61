// How far each picture of a film lies from the next, a line for each film; the crosshair stands where the player is.

import {Chart} from '../../shell/chart.js';
import {el, short} from '../../shell/words.js';

class Pace {
  constructor(root) {
    this.root = root;
    [this.plot, this.legend] = ['plot', 'legend'].map((part) => root.querySelector(`[data-part=${part}]`));
    this.chart = new Chart(this.plot, {x_title: 'picture', hover: (x) => this.hover(x)});
    this.chart.note.remove(); // what it would say stands above, where it covers nothing
    this.plot.onclick = () => this.under && this.tell(this.under);
    this.follow = ({detail}) => {
      this.frame = detail.key === this.data.key ? detail.frame : this.frame;
      if (detail.key === this.data.key && !this.under) this.cross(detail.frame + 1);
    };
    document.addEventListener('genlab:frame', this.follow);
  }

  hover(x) {
    this.under = x;
    this.cross(x ?? (this.frame ?? 0) + 1);
  }

  // The line at a picture, and the values there.
  cross(x) {
    this.chart.crossAt(x);
    this.values?.forEach((value, i) => {
      const {y} = this.data.lines[i];
      value.textContent = ` ${short(y[Math.min(y.length, Math.max(1, Math.round(x))) - 1])}`;
    });
  }

  tell(x) {
    document.dispatchEvent(new CustomEvent('genlab:seek', {detail: {key: this.data.key, frame: x - 1}}));
  }

  update(data) {
    const colors = getComputedStyle(this.root.host || this.root)
      .getPropertyValue('--st-chart-categorical-colors')
      .split(',');
    const shown = JSON.stringify([data, colors]);
    if (shown === this.shown) return;
    Object.assign(this, {data, shown});
    const lines = data.lines.map(({label, y}, i) => ({
      label,
      y,
      exact: true,
      x: y.map((_, k) => k + 1),
      color: colors[i % colors.length].trim() || '#0072b2',
    }));
    this.values = lines.map(() => el('b', {}));
    this.legend.replaceChildren(
      ...lines.map(({label, color}, i) => el('span', {}, el('span', {class: 'swatch', style: `background: ${color}`}), label, this.values[i])),
      el('span', {}, data.unit),
    );
    this.chart.show(lines, [], data.about);
    this.cross((this.frame ?? 0) + 1);
  }

  close() {
    document.removeEventListener('genlab:frame', this.follow);
    this.chart.close();
  }
}

export default function ({data, parentElement}) {
  parentElement.pace ??= new Pace(parentElement);
  parentElement.pace.update(data);
  return () => {
    parentElement.pace?.close();
    delete parentElement.pace;
  };
}
