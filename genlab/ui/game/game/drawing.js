// Data of one's own, sprayed onto the plane with the pointer. Part of GamePage, whose buttons, plane and socket it uses.

const MOST_POINTS = 400,
  SPRAY = 0.07;

export class Drawing {
  listenToDrawing() {
    this.draw.onclick = () => this.setDrawing(this.points === null);
    this.use.onclick = () => {
      const {points} = this;
      this.setDrawing(false);
      this.wantsPlay = true;
      this.ask('drawn', {points});
    };
    this.clear.onclick = () => {
      this.points = [];
      this.showDrawn();
    };
    this.sheet.onpointerdown = (event) => {
      if (this.points) {
        this.sheet.setPointerCapture(event.pointerId);
        this.spray(event);
      }
    };
    this.sheet.onpointermove = (event) => {
      if (this.points && event.buttons)
        event
          .getCoalescedEvents()
          .concat(event)
          .forEach((e) => this.spray(e));
    };
  }

  setDrawing(isDrawing) {
    if (isDrawing) this.rest();
    this.points = isDrawing ? [] : null;
    this.draw.setAttribute('aria-pressed', isDrawing);
    this.sheet.classList.toggle('drawing', isDrawing);
    this.showDrawn();
    if (!isDrawing) this.paint();
  }

  spray(event) {
    const [x, y] = this.plane.place(event),
      last = this.points.at(-1);
    if (Math.max(Math.abs(x), Math.abs(y)) > this.extent || this.points.length >= MOST_POINTS) return;
    if (last && Math.hypot(x - last[0], y - last[1]) < SPRAY) return;
    this.points.push([x, y]);
    this.showDrawn();
  }

  showDrawn() {
    const n = this.points?.length ?? 0;
    if (this.points) this.plane.sheet(this.points);
    this.use.hidden = this.clear.hidden = !n;
    this.drawsaid.textContent = !this.points
      ? ''
      : n >= MOST_POINTS
        ? `${n} points: the sheet is full.`
        : n
          ? `${n} points`
          : 'Paint points on the plane; each stands for a small cloud.';
  }
}
