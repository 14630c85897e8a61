// A control for every factor: switches, choices and sliders that tell while they are dragged.

import {el} from '../../shell/words.js';

export class Controls {
  // factors: [{name, label, kind, low, high, step, unit, choices, group}]; groups: their names; onChange(name, value, isFinal); onReset(name)
  constructor(root, factors, groups, onChange, onReset) {
    Object.assign(this, {onChange, onReset, rows: {}});
    for (const group of groups) {
      // a group with a name is folded away
      const box = group ? el('details', {}, el('summary', {}, group)) : el('div');
      const switches = el('div', {class: 'chips'}),
        rows = el('div', {class: 'rows'});
      factors.filter((f) => f.group === group).forEach((f) => (f.kind === 'binary' ? switches : rows).append(this.control(f)));
      box.append(switches, rows);
      root.append(box);
    }
  }

  control(factor) {
    return {binary: this.switch, categorical: this.choice, continuous: this.slider}[factor.kind].call(this, factor);
  }

  switch(factor) {
    const button = el('button', {'type': 'button', 'class': 'chip', 'data-factor': factor.name}, factor.label);
    button.onclick = () => this.onChange(factor.name, button.getAttribute('aria-pressed') === 'true' ? 0 : 1, true);
    this.rows[factor.name] = {node: button, show: (v) => button.setAttribute('aria-pressed', v > 0.5)};
    return button;
  }

  choice(factor) {
    const chips = factor.choices.map((choice, i) => {
      const chip = el('button', {type: 'button', class: 'chip', role: 'radio'}, choice);
      chip.onclick = () => this.onChange(factor.name, i, true);
      return chip;
    });
    const row = el(
      'div',
      {'class': 'row choice', 'role': 'radiogroup', 'aria-label': factor.label, 'data-factor': factor.name},
      this.name(factor),
      el('div', {class: 'chips'}, ...chips),
    );
    this.rows[factor.name] = {node: row, show: (v) => chips.forEach((chip, i) => chip.setAttribute('aria-checked', i === Math.round(v)))};
    return row;
  }

  slider(factor) {
    const {low, high, step, unit} = factor;
    const input = el('input', {'type': 'range', 'min': low, 'max': high, step, 'aria-label': factor.label}),
      output = el('output');
    input.oninput = () => this.onChange(factor.name, +input.value, false);
    input.onchange = () => this.onChange(factor.name, +input.value, true);
    const row = el('div', {'class': 'row', 'data-factor': factor.name}, this.name(factor), input, output);
    this.rows[factor.name] = {
      node: row,
      show: (v) => {
        if (Math.abs(+input.value - v) > step / 2) input.value = v;
        input.style.setProperty('--at', (v - low) / (high - low));
        output.textContent = inWords(v, factor);
        input.setAttribute('aria-valuetext', inWords(v, factor));
      },
    };
    return row;
  }

  // The name takes its factor back to what the person had.
  name(factor) {
    const button = el('button', {type: 'button', class: 'name', title: `${factor.label}: back to this person's own`}, factor.label);
    button.onclick = () => this.onReset(factor.name);
    return button;
  }

  show(values, changes) {
    for (const [name, row] of Object.entries(this.rows)) {
      row.show(values[name]);
      row.node.classList.toggle('changed', name in changes);
    }
  }
}

export const inWords = (v, {kind, choices, step, unit}) => {
  if (kind !== 'continuous') return choices[Math.round(v)];
  return `${v.toFixed(step >= 1 ? 0 : 2).replace('-', '\u2212')}${unit}`;
};
