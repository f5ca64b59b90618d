// sRGB and CIE Lab for whole photographs, with tables, as in `colorizer/colour/whole_photo.py`.
export const LEVELS = 65535; // steps of a linear value between 0 and 1
const SLACK = 1e-3;
const LOWEST = (-SLACK / 12.92) * LEVELS;
const HIGHEST = (1 + SLACK) * LEVELS;
const KNEE = 0.2068966;
const SLOPE = 1 / 7.787;
const OF_Y = [0.212671, 0.71516, 0.072169];

const linearOf = (share) => (share > 0.04045 ? ((share + 0.055) / 1.055) ** 2.4 : share / 12.92);
const encoded = (linear) => (linear > 0.0031308 ? 1.055 * linear ** (1 / 2.4) - 0.055 : linear * 12.92);
const rootOf = (share) => (share > 0.008856 ? Math.cbrt(share) : 7.787 * share + 16 / 116);

// What each level of red, green and blue adds to Y, in steps.
export const LUMINANCE = OF_Y.map((weight) => Float32Array.from({ length: 256 }, (_, level) => weight * linearOf(level / 255) * LEVELS));
// f(Y) of Lab, of every step.
const ROOT = Float32Array.from({ length: LEVELS + 1 }, (_, step) => rootOf(step / LEVELS));
// The level of a linear value between a step and the next.
export const LEVEL = Uint8Array.from({ length: LEVELS + 1 }, (_, step) => Math.round(Math.min(encoded((step + 0.5) / LEVELS), 1) * 255));

const cube = (f) => (f > KNEE ? f * f * f : KNEE * KNEE * KNEE + (f - KNEE) * SLOPE);
const levelOf = (linear) => LEVEL[linear <= 0 ? 0 : linear >= LEVELS ? LEVELS : linear | 0];

// Luminance in steps of pixel `i` of RGBA data.
export function luminance(data, i) {
  const [red, green, blue] = LUMINANCE;
  return red[data[4 * i]] + green[data[4 * i + 1]] + blue[data[4 * i + 2]];
}

// L in [0, 100] of luminance in steps.
export const lightnessOf = (Y) => 116 * rootOf(Y / LEVELS) - 16;

// Put the colours of one row onto its pixels; chroma that sRGB cannot show is reduced, lightness stays.
// data: RGBA of a strip, changed in place; from: its first pixel in the row; x, z: what chroma adds to f(X) and f(Z).
export function joinRow(data, from, width, x, z, gamut) {
  const [[rY, gY, bY], [[rX, rZ], [gX, gZ], [bX, bZ]]] = [gamut.from_y, gamut.from_xz];
  const outside = (r, g, b) => Math.min(r, g, b) < LOWEST || Math.max(r, g, b) > HIGHEST;
  for (let i = 0, p = 4 * from; i < width; i++, p += 4) {
    const Y = LUMINANCE[0][data[p]] + LUMINANCE[1][data[p + 1]] + LUMINANCE[2][data[p + 2]];
    const f = ROOT[Math.min((Y + 0.5) | 0, LEVELS)];
    let [X, Z] = [cube(f + x[i]), cube(f + z[i])];
    let [r, g, b] = [rY * Y + rX * X + rZ * Z, gY * Y + gX * X + gZ * Z, bY * Y + bX * X + bZ * Z];
    if (outside(r, g, b)) {
      let low = 0;
      for (let step = 0.5, n = 0; n < 12; n++, step /= 2) {
        const share = low + step;
        X = cube(f + x[i] * share);
        Z = cube(f + z[i] * share);
        if (!outside(rY * Y + rX * X + rZ * Z, gY * Y + gX * X + gZ * Z, bY * Y + bX * X + bZ * Z)) low = share;
      }
      X = cube(f + x[i] * low);
      Z = cube(f + z[i] * low);
      [r, g, b] = [rY * Y + rX * X + rZ * Z, gY * Y + gX * X + gZ * Z, bY * Y + bX * X + bZ * Z];
    }
    data[p] = levelOf(r);
    data[p + 1] = levelOf(g);
    data[p + 2] = levelOf(b);
  }
}

// Lab units of "#rrggbb".
export const labOf = (color, gamut) => labOf8([1, 3, 5].map((from) => parseInt(color.slice(from, from + 2), 16)), 0, gamut);

// Lab units of three levels, from `at` on.
export function labOf8(data, at, gamut) {
  const [r, g, b] = [0, 1, 2].map((channel) => linearOf(data[at + channel] / 255));
  const [fx, fy, fz] = gamut.to_xyz.map((row) => rootOf(row[0] * r + row[1] * g + row[2] * b));
  return [116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)];
}

// "#rrggbb" of a lightness and a chroma, which is reduced where sRGB cannot show it.
export function hexOf(L, [a, b], gamut) {
  const f = (L + 16) / 116;
  const Y = cube(f) * LEVELS;
  const level = Math.round(255 * encoded(Math.min(Math.max(cube(f), 0), 1)));
  const pixel = Uint8ClampedArray.of(level, level, level, 255);
  joinExactly(pixel, Y, f, a / 500, -b / 200, gamut);
  return '#' + [...pixel.subarray(0, 3)].map((each) => each.toString(16).padStart(2, '0')).join('');
}

function joinExactly(pixel, Y, f, x, z, gamut) {
  const mixed = (share) => gamut.from_y.map((y, i) => (
    y * Y + gamut.from_xz[i][0] * cube(f + x * share) + gamut.from_xz[i][1] * cube(f + z * share)));
  const inside = (rgb) => Math.min(...rgb) >= LOWEST && Math.max(...rgb) <= HIGHEST;
  let low = inside(mixed(1)) ? 1 : 0;
  for (let step = 0.5; low < 1 && step > 1e-3; step /= 2) if (inside(mixed(low + step))) low += step;
  mixed(low).forEach((linear, i) => { pixel[i] = Math.round(255 * encoded(Math.min(Math.max(linear / LEVELS, 0), 1))); });
}
