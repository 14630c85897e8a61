// What is chosen on the map: points, the path between two of them, and regions. Part of LatentMap.

import {isInside} from './gestures.js';
import {ALIKE, FRAMES, FRAME_MS} from './map.js';
import {draw} from '../../shell/decode.js';

export const Choosing = (Base) =>
  class extends Base {
    pick(i) {
      if (i < 0) this.picks = [];
      else if (this.picks.includes(i)) this.picks = this.picks.filter((p) => p !== i);
      else this.picks = this.picks.length === 1 ? [...this.picks, i] : [i];
      this.picked(true);
      this.tell();
    }

    picked(isNew = false) {
      this.pause();
      this.frames = null;
      this.frame = -1;
      this.path.hidden = this.picks.length < 2;
      this.near.hidden = !this.picks.length;
      const last = this.picks.at(-1);
      if (last !== undefined) {
        this.showAlike(last);
        if (!this.at) {
          this.describe(last);
          this.decode(this.cloud.code(last));
        }
      } else if (!this.at) this.rest();
      if (this.picks.length === 2) this.travel(isNew);
      this.paint();
    }

    // Before anything is hovered: the middle of the map, so that no picture is empty.
    rest() {
      const first = this.cloud.images ? this.cloud.nearest(this.view.x, this.view.y, 1)[0] : null;
      const i = first ? first[1] : 0;
      this.decode(this.cloud.code(i));
      this.describe(i);
    }

    showAlike(i) {
      const z = this.cloud.code(i),
        [title, row] = this.near.children;
      if (!z || !this.cloud.images) {
        this.near.hidden = true;
        return;
      }
      title.textContent = 'Nearest in latent space';
      row.replaceChildren(
        ...this.cloud.alike(z, ALIKE, i).map(([d, j]) => {
          const button = document.createElement('button'),
            image = document.createElement('img');
          Object.assign(image, {
            src: this.thumbs.url(this.cloud.place(j)),
            alt: `image ${this.cloud.place(j).at}`,
            title: `image ${this.cloud.place(j).at}, ${Math.sqrt(d).toFixed(2)} away`,
          });
          button.append(image);
          button.onpointerenter = button.onfocus = () => {
            this.over = j;
            this.describe(j);
            this.decode(this.cloud.code(j));
            this.paint();
          };
          button.onpointerleave = () => this.leave();
          button.onclick = () => {
            this.at = null;
            this.pick(j);
          };
          return button;
        }),
      );
    }

    select(region) {
      const flags = new Uint8Array(this.cloud.count),
        {xy, shown, images, count} = this.cloud;
      let found = 0;
      for (let i = 0; i < (images || count); i++)
        if (shown[i] && isInside(region, xy[2 * i], xy[2 * i + 1])) {
          flags[i] = 1;
          found++;
        }
      this.region = null;
      this.flags[this.set] = found ? flags : null;
      this.root.dataset.selected = found;
      this.shareSets();
      this.paint();
      this.tell();
    }

    clear() {
      this.forget();
      this.picked();
      this.shareSets();
      this.tell();
    }

    // -- the path between two points ---------------------------------------------------------------------------------------

    travel(isPlayed) {
      const [a, b] = this.picks.map((i) => this.cloud.code(i)),
        n = this.cloud.latents;
      if (!a || !b) {
        this.path.hidden = true;
        return;
      }
      const z = new Float32Array(FRAMES * n),
        spots = [];
      for (let t = 0; t < FRAMES; t++) {
        const frame = z.subarray(t * n, (t + 1) * n);
        for (let j = 0; j < n; j++) frame[j] = a[j] + ((b[j] - a[j]) * t) / (FRAMES - 1);
        spots.push(...this.cloud.spot(frame));
      }
      const picks = this.picks;
      this.frames = {spots, pictures: null};
      this.frameSocket.ask([this.target], z, n, (reply) => {
        if (this.picks !== picks) return;
        this.frames.pictures = reply;
        if (isPlayed) this.play();
      });
    }

    showFrame(t) {
      if (!this.frames?.pictures) return;
      const {width, height, channels, pixels} = this.frames.pictures,
        size = width * height * channels;
      this.frame = t;
      draw(this.live, {width, height, channels, pixels: pixels.subarray(t * size, (t + 1) * size)});
      this.path.querySelector('input').value = t;
      this.root.dataset.frame = t;
      this.what.textContent = `On the straight way through latent space, ${Math.round((100 * t) / (FRAMES - 1))} %`;
      this.real.classList.add('away');
      this.paint();
    }

    play() {
      let t = 0;
      this.pause();
      this.timer = setInterval(() => {
        t = (t + 1) % (2 * FRAMES - 2);
        this.showFrame(t < FRAMES ? t : 2 * FRAMES - 2 - t);
      }, FRAME_MS);
      this.path.querySelector('button').textContent = 'Pause';
    }

    pause() {
      clearInterval(this.timer);
      this.timer = null;
      this.path.querySelector('button').textContent = 'Play';
    }
  };
