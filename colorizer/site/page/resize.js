// The two resizes of `colorizer/graph/pieces.py`, row by row, so that no copy of a large photograph is needed.
const MAX_ASPECT = 4;

const roundEven = (value) => {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest < 0.5 || (rest === 0.5 && floor % 2 === 0) ? floor : floor + 1;
};

// [height, width] of what the network is fed with, as `Colorizer.fitting_size` says.
export function fittingSize(height, width, { working_size: side, stride }) {
  const aspect = Math.sqrt(Math.min(Math.max(width / height, 1 / MAX_ASPECT), MAX_ASPECT));
  return [side / aspect, side * aspect].map((wanted) => Math.max(roundEven(roundEven(wanted) / stride) * stride, stride));
}

// For each of `after` pixels, the first of the `before` pixels that it takes, and their weights: antialiased, bilinear.
export function triangles(before, after) {
  const scale = before / after;
  const support = Math.max(scale, 1);
  return Array.from({ length: after }, (_, i) => {
    const centre = (i + 0.5) * scale;
    const first = Math.max(0, Math.ceil(centre - support - 0.5));
    const last = Math.min(before - 1, Math.floor(centre + support - 0.5));
    const weights = Array.from({ length: last - first + 1 }, (_, n) => Math.max(1 - Math.abs(first + n + 0.5 - centre) / support, 0));
    const sum = weights.reduce((total, weight) => total + weight, 0);
    return { first, weights: Float32Array.from(weights, (weight) => weight / sum) };
  });
}

// Takes rows of `width` values one after another, and has a smaller picture of [h, w] at the end.
export class Smaller {
  constructor(height, width, [h, w]) {
    this.size = [h, w];
    this.data = new Float32Array(h * w);
    this.columns = triangles(width, w);
    this.rows = triangles(height, h);
    this.first = 0; // the first row of the result that is not finished
    this.y = 0;
    this.short = new Float32Array(w);
  }

  add(row) {
    const { short, columns, rows, data, y, size: [h, w] } = this;
    for (let i = 0; i < w; i++) {
      const { first, weights } = columns[i];
      let sum = 0;
      for (let n = 0; n < weights.length; n++) sum += weights[n] * row[first + n];
      short[i] = sum;
    }
    while (this.first < h && rows[this.first].first + rows[this.first].weights.length <= y) this.first++;
    for (let j = this.first; j < h && rows[j].first <= y; j++) {
      const weight = rows[j].weights[y - rows[j].first];
      for (let i = 0; i < w; i++) data[j * w + i] += weight * short[i];
    }
    this.y++;
  }
}

// Four taps and their weights for each of `after` pixels: torch's bicubic; the pixels at the edge continue outside.
export function cubic(before, after) {
  const A = -0.75;
  const near = (d) => ((A + 2) * d - (A + 3)) * d * d + 1;
  const far = (d) => ((A * d - 5 * A) * d + 8 * A) * d - 4 * A;
  return Array.from({ length: after }, (_, i) => {
    const at = ((i + 0.5) * before) / after - 0.5;
    const base = Math.floor(at);
    const t = at - base;
    const taps = [-1, 0, 1, 2].map((offset) => Math.min(Math.max(base + offset, 0), before - 1));
    return { taps, weights: [far(t + 1), near(t), near(1 - t), far(2 - t)] };
  });
}

// Colours (2, h, w) made larger: `row(y)` has what they add to f(X) and f(Z) in a row of the photograph.
export class Larger {
  constructor(ab, [h, w], height, width) {
    this.rows = cubic(h, height);
    const columns = cubic(w, width);
    this.across = [[0, 1 / 500], [1, -1 / 200]].map(([plane, factor]) => {
      const wide = new Float32Array(h * width);
      for (let y = 0; y < h; y++) {
        const start = (plane * h + y) * w;
        for (let x = 0; x < width; x++) {
          const { taps: [a, b, c, d], weights: [p, q, r, s] } = columns[x];
          wide[y * width + x] = factor * (p * ab[start + a] + q * ab[start + b] + r * ab[start + c] + s * ab[start + d]);
        }
      }
      return wide;
    });
    this.width = width;
    this.result = [new Float32Array(width), new Float32Array(width)];
  }

  row(y) {
    const { taps, weights: [p, q, r, s] } = this.rows[y];
    const [a, b, c, d] = taps.map((tap) => tap * this.width);
    this.across.forEach((wide, plane) => {
      const result = this.result[plane];
      for (let x = 0; x < this.width; x++) result[x] = p * wide[a + x] + q * wide[b + x] + r * wide[c + x] + s * wide[d + x];
    });
    return this.result;
  }
}
