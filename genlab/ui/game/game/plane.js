// The plane: D's heat map, G's warped grid, real and fake points, and the gradient that each fake feels. Draws a frame as it came.

const GAIN = 0.09,
  LONGEST = 0.55; // an arrow's length in the plane for a gradient of 1, and at most

export class Plane {
  constructor(canvas) {
    this.canvas = canvas;
    this.pen = canvas.getContext('2d');
    this.ground = document.createElement('canvas');
    this.size = 1;
    this.shown = {D: true, grid: true, real: true, fake: true, arrows: true};
  }

  // The canvas has the screen's own pixels. unit: what 1/480 of its side is in them.
  fit() {
    const side = Math.round(this.canvas.clientWidth * Math.min(devicePixelRatio, 2)) || 480;
    if (this.canvas.width !== side) this.canvas.width = this.canvas.height = side;
    Object.assign(this, {side, unit: (this.size * side) / 480});
  }

  // colours: {real, fake, arrow, ground, text} as css colours
  look(colours) {
    this.colours = colours;
    this.ramp = ramp(...['fake', 'ground', 'real'].map((name) => rgb(colours[name])));
    this.image = null;
  }

  show(frame, {real, extent}, lit = null) {
    Object.assign(this, {frame, real, extent});
    this.fit();
    const {pen, shown, side} = this,
      is = (layer) => shown[layer] && (!lit || lit.has(layer));
    pen.globalAlpha = 1;
    pen.fillStyle = this.colours.ground;
    pen.fillRect(0, 0, side, side);
    if (shown.D) this.heat(frame, lit && !lit.has('D') ? 0.35 : 1);
    if (is('grid')) this.grid(frame);
    if (is('real')) this.dots(real.length, (i) => real[i], this.colours.real, 2.6);
    const reach = (2 * extent) / 32767,
      place = (i) => [frame.fakes[2 * i] * reach, frame.fakes[2 * i + 1] * reach];
    if (is('arrows')) this.arrows(frame, place);
    if (is('fake')) this.dots(frame.n, place, this.colours.fake, 2.6);
  }

  x(v) {
    return (this.side * (v / this.extent + 1)) / 2;
  }
  y(v) {
    return (this.side * (1 - v / this.extent)) / 2;
  }

  heat({cells, heat}, strength) {
    if (this.image?.width !== cells) this.image = new ImageData(cells, cells);
    const {data} = this.image,
      {ramp} = this;
    for (let i = 0; i < heat.length; i += 1) {
      const at = 4 * ((cells - 1 - Math.floor(i / cells)) * cells + (i % cells)),
        colour = 3 * heat[i];
      data[at] = ramp[colour];
      data[at + 1] = ramp[colour + 1];
      data[at + 2] = ramp[colour + 2];
      data[at + 3] = 255;
    }
    Object.assign(this.ground, {width: cells, height: cells});
    this.ground.getContext('2d').putImageData(this.image, 0, 0);
    this.pen.globalAlpha = strength;
    this.pen.imageSmoothingEnabled = true;
    this.pen.drawImage(this.ground, 0, 0, this.side, this.side);
    this.pen.globalAlpha = 1;
  }

  dots(n, place, colour, radius) {
    const {pen} = this,
      r = radius * this.unit;
    pen.fillStyle = colour;
    pen.strokeStyle = this.colours.ground;
    pen.lineWidth = 1.6 * this.unit;
    pen.beginPath();
    for (let i = 0; i < n; i += 1) {
      const [x, y] = place(i),
        at = this.x(x);
      pen.moveTo(at + r, this.y(y));
      pen.arc(at, this.y(y), r, 0, 7);
    }
    pen.stroke();
    pen.fill();
  }

  grid({lines, columns, grid}) {
    const {pen} = this,
      reach = (2 * this.extent) / 32767;
    const line = (from, step, count) => {
      for (let k = 0; k < count; k += 1) {
        const i = 2 * (from + k * step),
          x = this.x(grid[i] * reach),
          y = this.y(grid[i + 1] * reach);
        if (k) pen.lineTo(x, y);
        else pen.moveTo(x, y);
      }
    };
    pen.strokeStyle = this.colours.fake;
    pen.globalAlpha = 0.55;
    pen.lineWidth = 0.8 * this.unit;
    pen.beginPath();
    for (let c = 0; c < columns; c += 1) line(c, columns, lines);
    if (columns > 1) for (let r = 0; r < lines; r += 1) line(r * columns, 1, columns);
    pen.stroke();
    pen.globalAlpha = 1;
  }

  arrows({n, arrows, longest}, place) {
    const {pen} = this,
      unit = (GAIN * longest) / 32767;
    pen.strokeStyle = this.colours.arrow;
    pen.lineWidth = this.unit;
    pen.beginPath();
    for (let i = 0; i < n; i += 1) {
      const [x, y] = place(i);
      let dx = arrows[2 * i] * unit,
        dy = arrows[2 * i + 1] * unit;
      const length = Math.hypot(dx, dy),
        most = length > LONGEST ? LONGEST / length : 1;
      dx *= most;
      dy *= most;
      if (length < 0.01) continue;
      const [ax, ay, bx, by] = [this.x(x), this.y(y), this.x(x + dx), this.y(y + dy)],
        angle = Math.atan2(by - ay, bx - ax);
      pen.moveTo(ax, ay);
      pen.lineTo(bx, by);
      for (const turn of [2.6, -2.6]) {
        pen.moveTo(bx, by);
        pen.lineTo(bx + 4 * this.unit * Math.cos(angle + turn), by + 4 * this.unit * Math.sin(angle + turn));
      }
    }
    pen.stroke();
  }

  place(event) {
    const box = this.canvas.getBoundingClientRect();
    return [this.extent * ((2 * (event.clientX - box.left)) / box.width - 1), this.extent * (1 - (2 * (event.clientY - box.top)) / box.height)];
  }

  sheet(points) {
    this.fit();
    this.pen.fillStyle = this.colours.ground;
    this.pen.fillRect(0, 0, this.side, this.side);
    this.dots(points.length, (i) => points[i], this.colours.real, 4);
  }
}

const rgb = (colour) => {
  const pen = Object.assign(document.createElement('canvas'), {width: 1, height: 1}).getContext('2d', {willReadFrequently: true});
  pen.fillStyle = colour;
  pen.fillRect(0, 0, 1, 1);
  return [...pen.getImageData(0, 0, 1, 1).data.slice(0, 3)];
};

// 255 colours: made, undecided, real. Never the full colour of the points, which must stand out.
const ramp = (low, middle, high) =>
  Uint8Array.from({length: 765}, (_, i) => {
    const t = (Math.floor(i / 3) - 127) / 127,
      end = t < 0 ? low : high,
      share = 0.6 * Math.abs(t);
    return middle[i % 3] + share * (end[i % 3] - middle[i % 3]);
  });
