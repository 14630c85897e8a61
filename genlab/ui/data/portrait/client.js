// A client of /api/faces: one request at a time, the newest portrait first, then whatever else is wanted.

import {routeAt} from '../../shell/address.js';

const AGAIN_MS = 250,
  OFFLINE_MS = 1500;

export class FacesClient {
  constructor(token, onTrouble) {
    Object.assign(this, {token, onTrouble, portrait: null, parts: [], isBusy: false, isClosed: false});
  }

  close() {
    this.isClosed = true;
    clearTimeout(this.timer);
  }

  // take(bitmap, headers) gets the faces of the answer, below each other
  askPortrait(body, take) {
    this.portrait = {body, take};
    this.parts = [];
    this.flush();
  }

  askParts(parts) {
    this.parts = parts;
    this.flush();
  }

  async flush() {
    if (this.isBusy || this.isClosed) return;
    const isPortrait = Boolean(this.portrait),
      job = this.portrait || this.parts.shift();
    if (!job) return;
    this.portrait = null;
    this.isBusy = true;
    const wait = await this.send(job);
    this.isBusy = false;
    if (wait === 0) {
      this.flush();
      return;
    }
    if (isPortrait) this.portrait = this.portrait || job; // nothing newer: the same once more
    if (wait > 0) this.timer = setTimeout(() => this.flush(), wait);
  }

  // ms to wait before the next request; -1 where asking again is of no use
  async send({body, take}) {
    let answer;
    try {
      answer = await fetch(routeAt('api/faces'), {
        method: 'POST',
        headers: {'Content-Type': 'application/json', 'X-Genlab-Token': this.token},
        body: JSON.stringify(body),
      });
      if (answer.ok) {
        const bitmap = await createImageBitmap(await answer.blob());
        if (!this.isClosed) take(bitmap, answer.headers);
        this.onTrouble('');
        return 0;
      }
    } catch (error) {
      this.onTrouble('The server does not answer. Trying again.');
      return OFFLINE_MS;
    }
    if (answer.status === 429) return AGAIN_MS;
    this.onTrouble((await answer.json().catch(() => ({}))).error || `The server answered ${answer.status}.`);
    return answer.status === 403 ? -1 : 0;
  }
}
