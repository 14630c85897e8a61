// Painting the map: every dot by hand into one image, which is quick with and without a graphics card, then what lies over it.

export class Painter {
  constructor(canvas, cloud) {
    Object.assign(this, {canvas, cloud, context: canvas.getContext('2d'), kernels: new Map()});
  }

  // Take over the size on the screen; true where there is one.
  resize() {
    const dpr = Math.min(devicePixelRatio || 1, 2),
      {clientWidth, clientHeight} = this.canvas;
    const width = Math.round(clientWidth * dpr),
      height = Math.round(clientHeight * dpr);
    if (!width || !height) return false;
    if (this.canvas.width !== width || this.canvas.height !== height || !this.image) {
      Object.assign(this.canvas, {width, height});
      this.image = this.context.createImageData(width, height);
      this.pixels = new Uint32Array(this.image.data.buffer);
    }
    this.dpr = dpr;
    return true;
  }

  x(view, x) {
    return (x - view.x) * view.scale * this.dpr + this.canvas.width / 2;
  }
  y(view, y) {
    return this.canvas.height / 2 - (y - view.y) * view.scale * this.dpr;
  }

  // colours: a packed colour a point; marks: [[flags, packed colour], ...], points to be ringed; all others are faint where there are any
  dots(view, {colours, marks, style, xy = this.cloud.xy, isFaint = false}) {
    const {
        cloud,
        canvas: {width, height},
        pixels,
        dpr,
      } = this,
      {shown} = cloud,
      count = xy.length / 2;
    pixels.fill(style.background);
    const radius =
      dpr *
      Math.min(6, Math.max(1.2, 4.2 - 0.65 * Math.log10(count / 100 + 1) * 1.6) * Math.min(2.2, Math.max(1, Math.sqrt(view.scale / view.home))));
    const disc = this.kernel(radius),
      ring = this.kernel(radius + 2 * dpr),
      isMarked = marks.length > 0;
    const lit = (i) => marks.some(([flags]) => flags[i]);
    const put = (i, kernel, colour, strength) => {
      const px = this.x(view, xy[2 * i]) | 0,
        py = this.y(view, xy[2 * i + 1]) | 0;
      if (px > -20 && py > -20 && px < width + 20 && py < height + 20) splat(pixels, width, height, px, py, colour, kernel, strength);
    };
    const strength = isFaint ? 0.35 : 1;
    for (let i = 0; i < count; i++)
      if (shown[i] && !(isMarked && lit(i))) put(i, disc, colours[i], isMarked ? 0.22 : (i < cloud.images ? 0.85 : 0.3) * strength);
    if (isMarked) {
      for (const [flags, colour] of marks) for (let i = 0; i < count; i++) if (flags[i] && shown[i]) put(i, ring, colour, 0.9);
      for (let i = 0; i < count; i++) if (shown[i] && lit(i)) put(i, disc, colours[i], 1);
    }
    this.context.putImageData(this.image, 0, 0);
  }

  kernel(radius) {
    const key = Math.round(radius * 4);
    if (!this.kernels.has(key)) {
      const reach = Math.ceil(radius),
        cells = [];
      for (let dy = -reach; dy <= reach; dy++)
        for (let dx = -reach; dx <= reach; dx++) {
          const cover = Math.min(1, Math.max(0, radius + 0.5 - Math.hypot(dx, dy)));
          if (cover > 0.02) cells.push(dx, dy, cover);
        }
      this.kernels.set(key, Float32Array.from(cells));
    }
    return this.kernels.get(key);
  }

  ring(view, x, y, colour, isFull, size = 6) {
    const {context, dpr} = this;
    context.beginPath();
    context.arc(this.x(view, x), this.y(view, y), size * dpr, 0, 7);
    context.lineWidth = 2 * dpr;
    context.strokeStyle = context.fillStyle = colour;
    if (isFull) context.fill();
    else context.stroke();
  }

  // points: [x, y, x, y, ...] on the map
  line(view, points, colour, {isClosed = false, isDashed = false, isFilled = false, width = 2} = {}) {
    const {context, dpr} = this;
    context.beginPath();
    for (let i = 0; i < points.length; i += 2) context.lineTo(this.x(view, points[i]), this.y(view, points[i + 1]));
    if (isClosed) context.closePath();
    Object.assign(context, {strokeStyle: colour, fillStyle: colour, lineWidth: width * dpr});
    context.setLineDash(isDashed ? [5 * dpr, 4 * dpr] : []);
    context.stroke();
    context.setLineDash([]);
    if (isFilled) {
      context.globalAlpha = 0.12;
      context.fill();
      context.globalAlpha = 1;
    }
  }

  // segments: [x1, y1, x2, y2, ...] on the map
  segments(view, segments, colour) {
    const {context, dpr} = this;
    context.beginPath();
    for (let i = 0; i < segments.length; i += 4) {
      context.moveTo(this.x(view, segments[i]), this.y(view, segments[i + 1]));
      context.lineTo(this.x(view, segments[i + 2]), this.y(view, segments[i + 3]));
    }
    Object.assign(context, {strokeStyle: colour, lineWidth: 1.2 * dpr});
    context.globalAlpha = 0.65;
    context.stroke();
    context.globalAlpha = 1;
  }

  // A picture centred on a spot, `side` pixels of the screen wide; source is an image or a canvas with the picture at (sx, sy), `size` wide
  picture(view, x, y, side, source, sx, sy, size, border) {
    const {context, dpr} = this,
      left = this.x(view, x) - (side * dpr) / 2,
      top = this.y(view, y) - (side * dpr) / 2;
    context.imageSmoothingEnabled = side * dpr < size;
    if (border) {
      context.fillStyle = border;
      context.fillRect(left - 2 * dpr, top - 2 * dpr, (side + 4) * dpr, (side + 4) * dpr);
    }
    context.drawImage(source, sx, sy, size, size, left, top, side * dpr, side * dpr);
  }
}

function splat(pixels, width, height, px, py, colour, kernel, strength) {
  const r = colour & 255,
    g = (colour >> 8) & 255,
    b = (colour >> 16) & 255;
  for (let k = 0; k < kernel.length; k += 3) {
    const x = px + kernel[k],
      y = py + kernel[k + 1];
    if (x < 0 || y < 0 || x >= width || y >= height) continue;
    const at = y * width + x,
      was = pixels[at],
      a = kernel[k + 2] * strength;
    const wr = was & 255,
      wg = (was >> 8) & 255,
      wb = (was >> 16) & 255;
    pixels[at] = 0xff000000 | ((wb + (b - wb) * a) << 16) | ((wg + (g - wg) * a) << 8) | (wr + (r - wr) * a);
  }
}

// -- density ---------------------------------------------------------------------------------------------------------------

const CELLS = 72,
  LEVELS = [0.08, 0.2, 0.4, 0.65];

// Lines of equal density of the shown points: a histogram, smoothed, cut at shares of its highest value. [x1, y1, x2, y2, ...]
export function contours(cloud) {
  const {x, y, width, height} = cloud.bounds,
    side = 1.16 * Math.max(width, height),
    step = side / CELLS,
    left = x - side / 2,
    low = y - side / 2;
  let heap = new Float32Array(CELLS * CELLS);
  for (let i = 0; i < cloud.count; i++) {
    const cx = Math.floor((cloud.xy[2 * i] - left) / step),
      cy = Math.floor((cloud.xy[2 * i + 1] - low) / step);
    if (cloud.shown[i] && cx >= 0 && cy >= 0 && cx < CELLS && cy < CELLS) heap[cy * CELLS + cx]++;
  }
  for (let pass = 0; pass < 10; pass++) heap = smooth(smooth(heap, 1), CELLS);
  const top = heap.reduce((a, b) => Math.max(a, b), 0),
    out = [];
  for (const level of top ? LEVELS : []) cut(heap, level * top, (a, b) => out.push(left + (a + 0.5) * step, low + (b + 0.5) * step));
  return out;
}

function smooth(heap, by) {
  return heap.map((v, i) => (2 * v + (heap[i - by] ?? 0) + (heap[i + by] ?? 0)) / 4);
}

// Marching squares: `put` is told both ends of each piece of the line where the heap crosses a level.
function cut(heap, level, put) {
  for (let y = 0; y < CELLS - 1; y++)
    for (let x = 0; x < CELLS - 1; x++) {
      const corner = [heap[y * CELLS + x], heap[y * CELLS + x + 1], heap[(y + 1) * CELLS + x + 1], heap[(y + 1) * CELLS + x]];
      const ends = [];
      corner.forEach((a, e) => {
        const b = corner[(e + 1) % 4];
        if (a < level === b < level) return;
        const t = (level - a) / (b - a);
        ends.push(
          [
            [x + t, y],
            [x + 1, y + t],
            [x + 1 - t, y + 1],
            [x, y + 1 - t],
          ][e],
        );
      });
      for (let e = 0; e + 1 < ends.length; e += 2) {
        put(...ends[e]);
        put(...ends[e + 1]);
      }
    }
}
