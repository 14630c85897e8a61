// What pointer and keys do with a film: scrub it, tap it, step through it, hurry it. Part of Player.

const CLICK_PX = 5;
const SPEEDS = [0.125, 0.25, 0.5, 1, 2];

export class Hands {
  scrub(frame) {
    this.stop();
    this.at = Math.min(this.frames - 1, Math.max(0, Math.round(frame)));
    this.way = 1;
    this.show();
  }

  under(x) {
    const box = this.reel.getBoundingClientRect();
    return Math.floor((this.frames * (x - box.left)) / box.width);
  }

  // follow(x) while a pointer is down on a part
  grab(event, part, follow, release = () => {}) {
    if (event.button) return;
    part.setPointerCapture(event.pointerId);
    follow(event.clientX);
    part.onpointermove = (moved) => follow(moved.clientX);
    part.onpointerup = part.onpointercancel = () => {
      part.onpointermove = part.onpointerup = part.onpointercancel = null;
      release();
    };
  }

  // A tap on the pictures plays and pauses, sliding over them scrubs.
  grabStage(event) {
    const from = event.clientX,
      at = this.frame,
      width = this.stage.getBoundingClientRect().width;
    let slid = false;
    this.grab(
      event,
      this.stage,
      (x) => {
        slid ||= Math.abs(x - from) > CLICK_PX;
        if (slid) this.scrub(at + (this.frames * (x - from)) / width);
      },
      () => {
        if (!slid) this.toggle();
      },
    );
  }

  press(event) {
    const by = event.shiftKey ? 10 : 1,
      last = this.frames - 1,
      isButton = event.target === this.button,
      isSelect = event.target === this.select;
    if (event.ctrlKey || event.metaKey || event.altKey || isSelect) return;
    const frame = {ArrowLeft: this.frame - by, ArrowRight: this.frame + by, PageDown: this.frame - 10, PageUp: this.frame + 10, Home: 0, End: last}[
      event.key
    ];
    const faster = {'+': 1, '-': -1}[event.key];
    if (frame !== undefined) this.scrub(frame);
    else if (faster) this.hurry(faster);
    else if (event.key === ' ' && !isButton) this.toggle();
    else return;
    event.preventDefault();
  }

  hurry(by) {
    const i = Math.min(SPEEDS.length - 1, Math.max(0, SPEEDS.indexOf(this.speed) + by));
    this.speed = SPEEDS[i];
    this.select.value = String(this.speed);
  }
}
