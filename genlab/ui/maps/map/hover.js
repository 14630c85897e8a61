// What the pointer is over: its picture, its words, and the same image in the other maps of this window. Part of LatentMap.

import {HIT_PX} from './gestures.js';
import {COMPANIONS, SETS} from './map.js';
import {floats} from '../../shell/decode.js';

export const Hovering = (Base) =>
  class extends Base {
    hover(spot, i) {
      this.pause();
      Object.assign(this, {at: spot, over: i, frame: -1});
      const own = this.own.find((o) => Math.hypot(o.x - spot[0], o.y - spot[1]) * this.view.scale < HIT_PX);
      this.decode(own ? floats(own.z) : this.here());
      this.describe(own ? -1 : i, own);
      this.share();
      this.paint();
    }

    // The latent that stands for where the pointer is: a point's own, or one between those nearby.
    here() {
      return (this.over >= 0 ? this.cloud.code(this.over) : null) ?? this.cloud.blend(...this.at);
    }

    leave() {
      Object.assign(this, {at: null, over: -1});
      const last = this.picks.at(-1);
      if (last !== undefined) {
        this.decode(this.cloud.code(last));
        this.describe(last);
      }
      this.share();
      this.paint();
    }

    get target() {
      return this.data.target;
    }

    decode(z) {
      if (z) this.socket.ask([this.target], z, z.length);
    }

    describe(i, own = null) {
      const place = i >= 0 ? this.cloud.place(i) : null,
        isImage = place && place.part !== 'prior';
      this.real.classList.toggle('away', !isImage && !own);
      if (isImage) this.see(this.thumbs.url(place), i);
      else if (own) this.see(own.src, -1);
      this.root.dataset.over = i;
      if (isImage)
        this.what.textContent = `Image ${place.at}${place.part === 'train' ? ' of the training set' : ''}, off by ${this.cloud.error[i].toPrecision(2)} (MSE per pixel)`;
      else
        this.what.textContent = own
          ? own.label
          : i >= 0
            ? `Draw ${place.at} from the prior`
            : "No image lies here: the decoder's picture between its neighbours";
      this.list.replaceChildren(
        ...(i >= 0 ? this.known.words(i) : []).map(([name, words]) => {
          const row = document.createElement('div'),
            [dt, dd] = [document.createElement('dt'), document.createElement('dd')];
          dt.textContent = name;
          dd.textContent = words;
          row.append(dt, dd);
          return row;
        }),
      );
    }

    // One picture on its way at a time, the newest wanted next: it swaps in when it is there, without a flash.
    see(src, i) {
      this.wanted = {src, i};
      if (this.coming) return;
      const load = () => {
        const {src, i} = (this.coming = this.wanted),
          image = new Image();
        image.src = src;
        image
          .decode()
          .then(
            () => {
              if (this.wanted.src === src) {
                this.img.src = src;
                this.img.dataset.point = i;
              }
            },
            () => {},
          )
          .finally(() => {
            if (this.wanted.src !== src) load();
            else this.coming = null;
          });
      };
      load();
    }

    // What is hovered and selected here lights up in the other map of the same images.
    share() {
      for (const other of COMPANIONS) {
        if (other === this || !other.cloud || other.data.group !== this.data.group) continue;
        other.over = this.over >= 0 && this.cloud.place(this.over).part !== 'prior' ? other.cloud.index(this.cloud.place(this.over)) : -1;
        other.at = null;
        if (other.over >= 0) {
          other.decode(other.cloud.code(other.over));
          other.describe(other.over);
        }
        other.paint();
      }
    }

    shareSets() {
      for (const other of COMPANIONS) {
        if (other === this || !other.cloud || other.data.group !== this.data.group) continue;
        for (const name of SETS) {
          const flags = this.flags[name] && new Uint8Array(other.cloud.count);
          if (flags)
            this.flags[name].forEach((on, i) => {
              const j = on && i < this.cloud.images ? other.cloud.index(this.cloud.place(i)) : -1;
              if (j >= 0) flags[j] = 1;
            });
          other.flags[name] = flags || null;
        }
        other.paint();
      }
    }
  };
