// A sheet of paper: strokes of a pen on a picture or on one colour. What is drawn goes to Python as a PNG when the pen is lifted.

const SIDE = 320;

class Sketch {
  constructor(root) {
    const find = (name) => root.querySelector(`.${name}`);
    Object.assign(this, {canvas: find('paper'), inks: find('inks'), width: find('width'), undo: find('undo'), clear: find('clear'), strokes: []});
    this.context = this.canvas.getContext('2d');
    Object.assign(this.context, {lineCap: 'round', lineJoin: 'round'});
    this.canvas.onpointerdown = (event) => this.begin(event);
    this.canvas.onpointermove = (event) => this.go(event);
    this.canvas.onpointerup = this.canvas.onpointercancel = () => this.lift();
    this.undo.onclick = () => {
      this.strokes.pop();
      this.paint();
      this.send();
    };
    this.clear.onclick = () => {
      this.strokes = [];
      this.wasDrawn = null;
      this.paint();
      this.send();
    };
  }

  // The paper is taken when the sketch comes up, and when another one is asked for: Python repeats itself with every run of the page.
  async update(data, setState) {
    this.setState = setState;
    if (data.stamp === this.data?.stamp) return;
    const isFirst = !this.data;
    this.data = data;
    this.buildInks();
    this.width.value = data.width;
    this.strokes = [];
    this.picture = data.picture ? await loaded(data.picture) : null;
    this.wasDrawn = isFirst && data.drawn ? await loaded(data.drawn) : null;
    this.paint();
  }

  buildInks() {
    this.ink = this.data.inks[0];
    const choose = (ink, node) => {
      this.ink = ink;
      for (const other of this.inks.children) other.setAttribute('aria-checked', other === node);
    };
    this.inks.replaceChildren(
      ...this.data.inks.map((ink, i) => {
        const button = document.createElement('button');
        Object.entries({'type': 'button', 'role': 'radio', 'aria-label': ink, 'title': ink, 'aria-checked': i === 0}).forEach(([k, v]) =>
          button.setAttribute(k, v),
        );
        button.style.setProperty('--ink', ink);
        button.onclick = () => choose(ink, button);
        return button;
      }),
    );
    if (!this.data.isColour) return;
    const any = document.createElement('input');
    Object.assign(any, {type: 'color', title: 'Any colour', value: '#808080', oninput: () => choose(any.value, any)});
    any.setAttribute('aria-label', 'Any colour');
    this.inks.append(any);
  }

  place(event) {
    const box = this.canvas.getBoundingClientRect();
    return [(SIDE * (event.clientX - box.left)) / box.width, (SIDE * (event.clientY - box.top)) / box.height];
  }

  begin(event) {
    if (event.button) return;
    event.preventDefault();
    this.canvas.setPointerCapture(event.pointerId);
    this.strokes.push({ink: this.ink, width: Number(this.width.value), points: [this.place(event)]});
    this.isDown = true;
    this.paint();
  }

  go(event) {
    if (!this.isDown) return;
    for (const part of event.getCoalescedEvents?.() ?? [event]) this.strokes.at(-1).points.push(this.place(part));
    this.paint();
  }

  lift() {
    if (!this.isDown) return;
    this.isDown = false;
    this.send();
  }

  paint() {
    const {context} = this;
    context.fillStyle = this.data.paper;
    context.fillRect(0, 0, SIDE, SIDE);
    for (const picture of [this.picture, this.wasDrawn]) if (picture) context.drawImage(picture, 0, 0, SIDE, SIDE);
    for (const {ink, width, points} of this.strokes) {
      Object.assign(context, {strokeStyle: ink, lineWidth: width});
      context.beginPath();
      context.moveTo(...points[0]);
      for (const point of points) context.lineTo(...point);
      context.stroke();
    }
    this.undo.disabled = !this.strokes.length;
  }

  send() {
    const isBlank = !this.strokes.length && !this.wasDrawn;
    this.setState('drawn', {stamp: this.data.stamp, png: isBlank ? '' : this.canvas.toDataURL('image/png')});
  }
}

async function loaded(source) {
  const image = new Image();
  image.src = source;
  await image.decode();
  return image;
}

export default function ({data, parentElement, setStateValue}) {
  parentElement.sketch ??= new Sketch(parentElement);
  parentElement.sketch.update(data, setStateValue);
}
