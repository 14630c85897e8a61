// The map through training: the same images at each kept moment, laid onto each other, played. Part of LatentMap.

const MOMENT_MS = 900;

export const Filming = (Base) =>
  class extends Base {
    constructor(root) {
      super(root);
      this.film = root.querySelector('.film');
      [this.rolling, this.moment, this.date] = this.film.children;
      this.rolling.onclick = () => (this.reel ? this.stopFilm() : this.playFilm());
      this.moment.oninput = () => {
        this.stopFilm();
        this.showMoment(+this.moment.value);
      };
    }

    // A new map has come: is there a film of it?
    refilter() {
      const {cloud} = this,
        moments = cloud.filmSteps.length;
      this.film.hidden = !moments;
      if (moments && this.filmOf !== cloud) {
        Object.assign(this, {filmOf: cloud, still: cloud.xy.slice(), filmed: cloud.film.length / 2 / moments});
        Object.assign(this.moment, {max: moments - 1, value: moments - 1});
        this.date.textContent = '';
      }
      super.refilter();
    }

    playFilm() {
      const last = this.cloud.filmSteps.length - 1;
      let began = performance.now();
      const turn = (now) => {
        const t = (now - began) / MOMENT_MS;
        this.showMoment(Math.min(t, last));
        if (t > last + 1) began = now;
        this.reel = requestAnimationFrame(turn);
      };
      this.reel = requestAnimationFrame(turn);
      this.rolling.textContent = 'Pause';
    }

    stopFilm() {
      cancelAnimationFrame(this.reel);
      this.reel = null;
      this.rolling.textContent = 'Play the training';
    }

    showMoment(t) {
      const {cloud, filmed} = this,
        {film, filmSteps} = cloud,
        from = Math.min(Math.floor(t), filmSteps.length - 2),
        share = t - from,
        n = 2 * filmed;
      const soft = share * share * (3 - 2 * share);
      if (!cloud.only) {
        cloud.only = filmed;
        this.fit(film);
        this.refilter();
      }
      cloud.moment = Math.round(t);
      for (let j = 0; j < n; j++) cloud.xy[j] = film[from * n + j] * (1 - soft) + film[(from + 1) * n + j] * soft;
      this.moment.value = t;
      this.date.textContent = `step ${filmSteps[cloud.moment]}`;
      if (this.at) this.decode(this.here()); // what lies under the pointer changes as the model learns
      this.root.dataset.moment = t.toFixed(2);
      this.paint();
    }

    // In a film pictures are decoded by the weights of its moment.
    get target() {
      return this.cloud.only ? `${this.cloud.run}@${this.cloud.filmSteps[this.cloud.moment]}` : super.target;
    }

    // The film's maps have room of their own, and keep it while they change.
    fit(film) {
      let [left, right, low, high] = [Infinity, -Infinity, Infinity, -Infinity];
      for (let j = 0; j < film.length; j += 2) {
        left = Math.min(left, film[j]);
        right = Math.max(right, film[j]);
        low = Math.min(low, film[j + 1]);
        high = Math.max(high, film[j + 1]);
      }
      const scale = 0.92 * Math.min(this.canvas.clientWidth / (right - left || 1), this.canvas.clientHeight / (high - low || 1));
      Object.assign(this.view, {x: (left + right) / 2, y: (low + high) / 2, scale, home: scale});
    }

    // The whole map ends the film.
    whole() {
      if (this.cloud.only) {
        this.stopFilm();
        this.cloud.only = 0;
        this.cloud.xy.set(this.still);
        this.date.textContent = '';
        this.refilter();
      }
      super.whole();
    }
  };
