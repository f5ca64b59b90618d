// Whether a photograph has colours of its own, as `colorizer/photo/kinds.py` judges: gray and toned prints have none.
import { labOf8 } from './colour.js';

const SIDE = 64; // pixels along the longest side of what is judged
const FAINT = 3;
const [SPREAD, WARM, ONE_HUE, UNEXPLAINED, REST] = [2.559, -1.013, -1.923, 1.112, -2.283];
const [BLUE_SHADOWS, NOTHING_ELSE] = [0.85, 0.85];

const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;

// numpy's quantile, of sorted values.
function quantile(sorted, share) {
  const place = share * (sorted.length - 1);
  const low = Math.floor(place);
  return sorted[low] + (place - low) * ((sorted[low + 1] ?? sorted[low]) - sorted[low]);
}

const ordered = (values) => Float64Array.from(values).sort();
const median = (values) => quantile(ordered(values), 0.5);

// data: RGBA of [width, height], at most SIDE on each side.
export function hasOwnColours(data, [width, height], gamut) {
  const count = width * height;
  if (count < 64) return false;
  const lab = Array.from({ length: count }, (_, i) => labOf8(data, 4 * i, gamut));
  const [L, A, B] = [0, 1, 2].map((channel) => lab.map((each) => each[channel]));
  const chroma = A.map((a, i) => Math.hypot(a, B[i]));
  const hue = A.map((a, i) => (Math.atan2(B[i], a) * 180) / Math.PI);
  if (isCyanotype(L, chroma, hue.map((angle) => (angle + 360) % 360))) return false;
  const mass = chroma.map((each) => Math.max(each - FAINT, 0));
  let [whole, warm, x, y] = [0, 0, 0, 0];
  mass.forEach((each, i) => {
    const angle = (hue[i] * Math.PI) / 180;
    whole += each;
    if (hue[i] >= 25 && hue[i] < 105) warm += each;
    x += each * Math.cos(angle);
    y += each * Math.sin(angle);
  });
  const odds = SPREAD * Math.log(spread(L, A, B) + 0.3) + (WARM * (warm + 0.02)) / (whole + 1)
    + (ONE_HUE * Math.hypot(x, y)) / (whole + 1e-9) + UNEXPLAINED * Math.log(unexplained(L, A, B, width, height) + 0.3);
  return odds + REST > 0;
}

// How far pixels of about the same lightness lie apart.
function spread(L, A, B) {
  const sorted = ordered(L);
  const edges = Array.from({ length: 15 }, (_, i) => quantile(sorted, (i + 1) / 16));
  const groups = Array.from({ length: 16 }, () => []);
  L.forEach((each, i) => groups[edges.filter((edge) => edge <= each).length].push(i));
  return mean(groups.filter((group) => group.length > 3).map((group) => {
    const [a, b] = [A, B].map((values) => median(group.map((i) => values[i])));
    return quantile(ordered(group.map((i) => Math.hypot(A[i] - a, B[i] - b))), 0.8);
  }));
}

// What lightness (to its cube) and place (to its square) do not explain.
function unexplained(L, A, B, width, height) {
  const terms = L.map((lightness, i) => {
    const l = lightness / 100;
    const x = (((i % width) + 0.5) / width) * 2 - 1;
    const y = ((Math.floor(i / width) + 0.5) / height) * 2 - 1;
    return [1, l, l ** 2, l ** 3, x, y, x * x, y * y, x * y, l * x, l * y, l * x * x, l * y * y];
  });
  const fits = [A, B].map((wanted) => leastSquares(terms, wanted));
  const left = terms.map((row, i) => Math.hypot(...fits.map((fit, plane) => (
    [A, B][plane][i] - row.reduce((sum, term, k) => sum + term * fit[k], 0)))));
  return quantile(ordered(left), 0.95);
}

function leastSquares(terms, wanted) {
  const n = terms[0].length;
  const rows = Array.from({ length: n }, (_, j) => Array.from({ length: n + 1 }, (_, k) => (
    terms.reduce((sum, row, i) => sum + row[j] * (k < n ? row[k] : wanted[i]), 0) + (j === k ? 1e-9 : 0))));
  for (let k = 0; k < n; k++) { // by Gauss and Jordan; the matrix is positive definite
    const pivot = rows[k].map((value) => value / rows[k][k]);
    rows.forEach((row, j) => { rows[j] = j === k ? pivot : row.map((value, i) => value - row[k] * pivot[i]); });
  }
  return rows.map((row) => row[n]);
}

function isCyanotype(L, chroma, hue) {
  const share = (values) => mean(values.map(Number));
  const sorted = ordered(L);
  const [deepest, middle, lightest] = [0.1, 0.6, 0.9].map((each) => quantile(sorted, each));
  const blue = hue.map((angle) => angle > 215 && angle < 300);
  const shadows = [...L.keys()].filter((i) => L[i] <= middle);
  const paper = [...L.keys()].filter((i) => L[i] >= lightest);
  const paler = median(paper.map((i) => chroma[i])) < median(shadows.map((i) => chroma[i]));
  return deepest < 42 && lightest - deepest > 30 && paler
    && share(shadows.map((i) => blue[i] && chroma[i] > 6)) > BLUE_SHADOWS
    && share(chroma.map((each, i) => blue[i] || each < 14)) > NOTHING_ELSE;
}
