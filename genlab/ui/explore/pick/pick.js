// A few images on one sheet, one of which is chosen.

import {routeAt} from '../../shell/address.js';

export default function ({data, parentElement, setStateValue}) {
  const strip = parentElement.querySelector('.strip'),
    {sheet, numbers, picked, side} = data;
  strip.style.setProperty('--side', `${side}px`);
  if (strip.given !== picked) strip.given = strip.chosen = picked; // Python repeats what it knows; a click may be newer
  const last = Math.max(1, numbers.length - 1);
  const buttons = numbers.map((number, i) => {
    const button = document.createElement('button');
    const set = {
      'role': 'option',
      'aria-selected': number === strip.chosen,
      'aria-label': `image ${number}`,
      'tabindex': 0,
      'title': `image ${number}`,
    };
    Object.entries(set).forEach(([name, value]) => button.setAttribute(name, value));
    Object.assign(button.style, {
      backgroundImage: `url("${routeAt(sheet)}")`,
      backgroundSize: `${numbers.length}00% 100%`,
      backgroundPosition: `${(100 * i) / last}% 0`,
    });
    button.onclick = () => {
      for (const other of buttons) other.setAttribute('aria-selected', other === button);
      strip.chosen = number;
      setStateValue('picked', number);
    };
    return button;
  });
  strip.replaceChildren(...buttons);
}
