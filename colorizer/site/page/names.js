// What colours are called, as in `colorizer/colour/names.py`.
import { hexOf, labOf } from './colour.js';

// The name of the colour nearest to a lightness and a chroma; lightness counts half.
export function nameOf(L, [a, b], without = []) {
  const { names, gamut } = FACTS;
  let [best, least] = ['', Infinity];
  for (const [name, color] of Object.entries(names)) {
    if (without.includes(name)) continue;
    const [other, otherA, otherB] = labOf(color, gamut);
    const distance = ((L - other) / 2) ** 2 + (a - otherA) ** 2 + (b - otherB) ** 2;
    if (distance < least) [best, least] = [name, distance];
  }
  return best;
}

// Likely colours as the picker offers them, all with different names.
export function swatchesOf(L, likely) {
  const taken = [];
  return likely.map((ab) => {
    taken.push(nameOf(L, ab, taken));
    return { ab, color: hexOf(Math.min(Math.max(L, 20), 92), ab, FACTS.gamut), name: taken.at(-1) };
  });
}

// What becomes of each of the colours by name at a place of lightness L.
export function seenAt(L) {
  const { shades, gamut, pale, dark, kept } = FACTS;
  const hues = Object.keys(shades);
  return [0, 1, 2].flatMap((row) => hues.map((hue) => {
    const [own, a, b] = labOf(shades[hue][row], gamut);
    const color = hexOf(L, [a, b], gamut);
    const ab = labOf(color, gamut).slice(1);
    let name = nameOf(L, ab, ['skin']);
    let word = name === nameOf(own, [a, b], ['skin']) ? '' : 'else';
    if (Math.hypot(...ab) < kept * Math.hypot(a, b)) word = L >= pale ? 'pale' : L <= dark ? 'dark' : word;
    let shade = '';
    if (word === 'pale') [name, shade] = hue === 'red' ? ['pink', ''] : [hue, 'light']; // a tinge
    return { color, name, shade, word };
  }));
}
