// Latents of one model: z = z0 + sum of amount x direction.

import {floats} from '../../shell/decode.js';

export class Space {
  constructor({z0, axes, bound, std}) {
    this.z0 = floats(z0);
    this.bound = bound; // of a law that ends somewhere, 0 of N(0, I)
    this.std = std || 1;
    this.moves = axes.map(({at, row}) => ({at, row: row && floats(row)}));
    this.lengths = this.moves.map(({at, row}) => (at ? Math.abs(at[1]) : Math.hypot(...row)));
  }

  latent(amounts) {
    const z = Float32Array.from(this.z0);
    this.moves.forEach(({at, row}, k) => {
      const amount = amounts[k];
      if (!amount) return;
      if (at) z[at[0]] += amount * at[1];
      else
        row.forEach((d, i) => {
          z[i] += amount * d;
        });
    });
    return z;
  }

  // Share of the prior that lies below z along an axis. A unit vector's projection of N(0, I) is N(0, 1), and nearly so in spreads
  // that of many numbers drawn evenly.
  quantile(z, k) {
    const {at, row} = this.moves[k];
    if (at && this.bound) return (1 + Math.sign(at[1]) * Math.max(-1, Math.min(1, z[at[0]] / this.bound))) / 2;
    return normalBelow(at ? z[at[0]] * Math.sign(at[1]) : row.reduce((sum, d, i) => sum + d * z[i], 0) / this.lengths[k] / this.std);
  }
}

// The standard normal distribution function, within 8e-8: Abramowitz and Stegun 26.2.17.
function normalBelow(x) {
  const t = 1 / (1 + 0.2316419 * Math.abs(x));
  const tail =
    (Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI)) *
    t *
    (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  return x > 0 ? 1 - tail : tail;
}
