// What hands do on the map: hover, click, drag, wheel, pinch, lasso, box, keys.

export const CLICK_PX = 4,
  HIT_PX = 12;

export class Gestures {
  // map: {view, mode, cloud}; does: what happens, by name: hover(spot, point), leave(), click(point), region(polygon), moved()
  constructor(canvas, map, does) {
    Object.assign(this, {canvas, map, does, pointers: new Map(), drag: null});
    canvas.onpointerdown = (event) => this.down(event);
    canvas.onpointermove = (event) => this.move(event);
    canvas.onpointerup = canvas.onpointercancel = (event) => this.up(event);
    canvas.onpointerleave = (event) => {
      if (event.pointerType === 'mouse' && !this.drag) does.leave();
    };
    canvas.addEventListener('wheel', (event) => this.wheel(event), {passive: false});
    canvas.onkeydown = (event) => this.key(event);
  }

  spot(event) {
    const box = this.canvas.getBoundingClientRect(),
      {view} = this.map;
    return [view.x + (event.clientX - box.left - box.width / 2) / view.scale, view.y - (event.clientY - box.top - box.height / 2) / view.scale];
  }

  hit([x, y]) {
    const near = this.map.cloud?.nearest(x, y, 1)[0];
    return near && Math.sqrt(near[0]) * this.map.view.scale <= HIT_PX ? near[1] : -1;
  }

  down(event) {
    if (!this.map.cloud) return;
    this.canvas.setPointerCapture(event.pointerId);
    this.pointers.set(event.pointerId, event);
    const mode = event.shiftKey && this.map.mode === 'move' ? 'lasso' : this.map.mode;
    this.drag = {event, mode, from: this.spot(event), region: this.spot(event), isMoved: false, view: {...this.map.view}};
  }

  move(event) {
    if (!this.map.cloud) return;
    const spot = this.spot(event),
      {drag} = this;
    if (!drag) return this.does.hover(spot, this.hit(spot));
    if (this.pointers.size === 2) return this.pinch(event);
    this.pointers.set(event.pointerId, event);
    drag.isMoved ||= Math.hypot(event.clientX - drag.event.clientX, event.clientY - drag.event.clientY) > CLICK_PX;
    if (!drag.isMoved) return;
    if (drag.mode === 'move') {
      this.map.view.x = drag.view.x - (event.clientX - drag.event.clientX) / drag.view.scale;
      this.map.view.y = drag.view.y + (event.clientY - drag.event.clientY) / drag.view.scale;
      return this.does.moved();
    }
    const [x, y] = drag.from;
    if (drag.mode === 'box') drag.region = [x, y, spot[0], y, spot[0], spot[1], x, spot[1]];
    else drag.region.push(...spot);
    this.does.drawing(drag.region);
  }

  pinch(event) {
    const apart = () => {
      const [a, b] = [...this.pointers.values()];
      return Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY);
    };
    const before = apart();
    this.pointers.set(event.pointerId, event);
    this.drag.isMoved = true;
    this.drag.mode = 'pinch';
    const [a, b] = [...this.pointers.values()];
    this.zoom(apart() / (before || 1), this.spot({clientX: (a.clientX + b.clientX) / 2, clientY: (a.clientY + b.clientY) / 2}));
  }

  up(event) {
    const {drag} = this;
    this.pointers.delete(event.pointerId);
    if (!drag || this.pointers.size) return;
    this.drag = null;
    if (!drag.isMoved) {
      const spot = this.spot(event),
        point = this.hit(spot);
      this.does.hover(spot, point);
      this.does.click(point);
    } else if (drag.mode === 'lasso' || drag.mode === 'box') {
      this.does.region(drag.region);
    } else {
      this.does.moved(true);
    }
  }

  wheel(event) {
    if (!this.map.cloud) return;
    event.preventDefault();
    this.zoom(Math.exp((-Math.sign(event.deltaY) * Math.min(Math.abs(event.deltaY), 120)) / 400), this.spot(event));
  }

  // The spot stays where it is on the screen.
  zoom(by, [x, y]) {
    const {view} = this.map,
      scale = Math.min(Math.max(view.scale * by, view.home / 3), view.home * 200),
      share = view.scale / scale;
    Object.assign(view, {x: x - (x - view.x) * share, y: y - (y - view.y) * share, scale});
    this.does.moved(true);
  }

  key(event) {
    const {view} = this.map,
      step = 40 / view.scale,
      by = {ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, step], ArrowDown: [0, -step]}[event.key];
    if (by) {
      view.x += by[0];
      view.y += by[1];
    } else if (event.key === '+' || event.key === '=') this.zoom(1.3, [view.x, view.y]);
    else if (event.key === '-') this.zoom(1 / 1.3, [view.x, view.y]);
    else if (event.key === 'Enter') return this.does.click(this.map.cloud?.nearest(view.x, view.y, 1)[0]?.[1] ?? -1);
    else if (event.key === 'Escape') return this.does.clear();
    else return;
    event.preventDefault();
    this.does.moved(true);
    this.does.hover([view.x, view.y], this.hit([view.x, view.y]));
  }
}

export function isInside(polygon, x, y) {
  let inside = false;
  for (let i = 0, j = polygon.length - 2; i < polygon.length; j = i, i += 2) {
    const [ax, ay, bx, by] = [polygon[i], polygon[i + 1], polygon[j], polygon[j + 1]];
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
  }
  return inside;
}
