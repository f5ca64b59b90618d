// From a picture file to a picture in colour: what `Colorizer` does, with onnxruntime for the network.
import { joinRow, lightnessOf, luminance, LEVEL } from './colour.js';
import { fittingSize, Larger, Smaller } from './resize.js';

const STRIP = 1 << 20; // pixels that are taken from a photograph at once
const REACHES = { thing: 1, picture: 2 };

function canvasOf(width, height) {
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (!context) throw new Error('memory');
  return { canvas, context };
}

// A decoded photograph. Nothing else of its size is ever kept.
export class Photo {
  constructor(bitmap) {
    this.bitmap = bitmap;
    [this.width, this.height] = [bitmap.width, bitmap.height];
  }

  // Each strip of rows, as RGBA on white: yields { data, top, rows }.
  * strips() {
    const { width, height } = this;
    const most = Math.min(height, Math.max(1, Math.floor(STRIP / width)));
    const { context } = canvasOf(width, most);
    context.imageSmoothingEnabled = false;
    context.fillStyle = '#fff';
    for (let top = 0; top < height; top += most) {
      const rows = Math.min(most, height - top);
      context.fillRect(0, 0, width, rows);
      context.drawImage(this.bitmap, 0, top, width, rows, 0, 0, width, rows);
      yield { data: context.getImageData(0, 0, width, rows).data, top, rows };
    }
  }

  // The lightness that the network is fed with: { L, size }.
  fed(facts) {
    const { width, height } = this;
    const smaller = new Smaller(height, width, fittingSize(height, width, facts));
    const row = new Float32Array(width);
    for (const { data, rows } of this.strips()) {
      for (let y = 0; y < rows; y++) {
        for (let x = 0; x < width; x++) row[x] = lightnessOf(luminance(data, y * width + x));
        smaller.add(row);
      }
    }
    return { L: smaller.data, size: smaller.size };
  }

  // Strips in colour. ab: { data, size }, (2, h, w) in Lab units.
  * coloured(ab, gamut) {
    const larger = new Larger(ab.data, ab.size, this.height, this.width);
    for (const strip of this.strips()) {
      for (let y = 0; y < strip.rows; y++) {
        joinRow(strip.data, y * this.width, this.width, ...larger.row(strip.top + y), gamut);
      }
      yield strip;
    }
  }

  // The same photograph with at most `side` pixels along its longest side.
  async smaller(side) {
    const scale = Math.min(1, side / Math.max(this.width, this.height));
    if (scale === 1) return this;
    const [resizeWidth, resizeHeight] = [this.width, this.height].map((each) => Math.max(1, Math.round(each * scale)));
    return new Photo(await createImageBitmap(this.bitmap, { resizeWidth, resizeHeight, resizeQuality: 'high' }));
  }

  // The whole of a small one, as strips of `make(data)`.
  picture(strips) {
    const { canvas, context } = canvasOf(this.width, this.height);
    for (const { data, top, rows } of strips) context.putImageData(new ImageData(data, this.width, rows), 0, top);
    return canvas;
  }

  * gray() {
    for (const strip of this.strips()) {
      const { data } = strip;
      for (let i = 0; i < data.length / 4; i++) data.fill(LEVEL[Math.min(luminance(data, i) | 0, LEVEL.length - 1)], 4 * i, 4 * i + 3);
      yield strip;
    }
  }
}

// Rows of the graph's input `hints`, of corrections as the page has them: fractions of the picture, and Lab units.
export function rowsOf(points, { width, height }) {
  const pixel = (fraction, side) => Math.min(Math.max(Math.round(fraction * side * 100) / 100, 0), side - 0.01);
  return points.filter((point) => !point.off).flatMap(({ x, y, path = [], ab, reach }) => (
    [[x, y], ...path].map(([across, down]) => [pixel(across, width), pixel(down, height), ...ab, REACHES[reach] ?? 0])));
}

// The last of few that were made, by what they were made of.
class Known {
  constructor(most) { Object.assign(this, { most, kept: new Map() }); }

  async of(made, make) {
    const key = JSON.stringify(made);
    if (!this.kept.has(key)) this.kept.set(key, await make());
    if (this.kept.size > this.most) this.kept.delete(this.kept.keys().next().value);
    return this.kept.get(key);
  }
}

// Without what only a look is made of: a part takes nothing that it does not know.
const seenIn = ({ fine, middle, coarse }) => ({ fine, middle, coarse });

const answered = (ab, entropy) => ({ ab: { data: ab.data, size: ab.dims.slice(2) }, entropy });

// The network for one photograph. sessions: of the pieces in `colorizer/graph/pieces.py`.
export class Answers {
  constructor(ort, sessions, facts, photo) {
    Object.assign(this, { ort, sessions, facts, photo });
    const { L, size } = photo.fed(facts);
    this.L = this.numbers(L, 1, 1, ...size);
    this.size = size;
    this.sides = this.numbers([photo.height, photo.width], 2);
    this.known = new Known(12);
    this.seen = new Known(3); // each has some megabytes
  }

  numbers(values, ...dims) {
    return new this.ort.Tensor('float32', Float32Array.from(values), dims);
  }

  alone() {
    const [height, width] = this.size;
    this.unasked ??= this.sessions.network.run({ L: this.L, told: this.numbers(new Float32Array(3 * height * width), 1, 3, height, width) });
    return this.unasked;
  }

  // What the network makes of the photograph and these rows: without them, with them, and how far each is a clue.
  async network(rows) {
    const alone = await this.alone();
    if (!rows.length) return { alone, said: alone, share: this.numbers([1], 1) };
    return this.seen.of(rows, async () => {
      const { L, sides } = this;
      const { share, clue, told } = await this.sessions.clues.run({ L, sides, hints: this.numbers(rows.flat(), rows.length, 5), logits: alone.logits });
      return { alone, share, said: clue.data[0] ? await this.sessions.network.run({ L, told }) : alone };
    });
  }

  // What it says with a look, { temperature, vividness, histogram, strength, saturation, finish }, and corrections.
  async of(look, points) {
    const rows = rowsOf(points, this.photo);
    return this.known.of([look, rows], async () => {
      const { L, sides } = this;
      const { alone, said, share } = await this.network(rows);
      const own = await this.read(look, alone);
      if (!rows.length) return answered(own.ab, own.entropy);
      const { ab, entropy } = said === alone ? own : await this.read(look, said);
      const hints = this.numbers(rows.flat(), rows.length, 5);
      const { reached } = await this.sessions.reached.run({ ...seenIn(alone), L, sides, hints, share });
      const { colours } = await this.sessions.paint.run({ L, sides, hints, fine: alone.fine, reached, ab, own: own.ab });
      return answered(colours, entropy);
    });
  }

  // What the network says, read with a look.
  read({ temperature, vividness = 0, histogram, strength = 0, saturation = 1, finish = 0 }, { logits, fine, finish_logits, finish_fine }) {
    const likely = histogram ?? this.facts.histogram;
    return this.sessions.look.run({
      L: this.L, logits, fine,
      temperature: this.numbers([temperature ?? this.facts.temperature]), vividness: this.numbers([vividness]),
      histogram: this.numbers(likely, likely.length), strength: this.numbers([strength]),
      saturation: this.numbers([saturation]),
      ...(finish_logits && { finish_logits, finish_fine, finish: this.numbers([finish]) }),
    });
  }

  // What one more correction would reach beside the others, { mask, size }, and the likeliest colours at its first place.
  async at(places, others) {
    const before = rowsOf(others, this.photo);
    const { alone, said, share } = await this.network(before);
    const [first] = rowsOf([{ x: places[0][0], y: places[0][1], ab: [0, 0] }], this.photo);
    // Only the new one has an `a`, so what is reached of that is how much it paints.
    const colours = before.map(([, , a, b]) => `${a} ${b}`);
    const beside = before.map(([x, y, , , reach], i) => [x, y, 0, colours.indexOf(colours[i]), reach]);
    const more = rowsOf([{ x: places[0][0], y: places[0][1], path: places.slice(1), ab: [1, 0], reach: 'thing' }], this.photo);
    const rows = [...beside, ...more];
    const { L, sides } = this;
    const { reached } = await this.sessions.reached.run({
      ...seenIn(alone), L, sides,
      hints: this.numbers(rows.flat(), rows.length, 5),
      share: this.numbers([...share.data, ...more.map(() => 0)], rows.length + 1),
    });
    const { suggestions } = await this.sessions.suggestions.run({ sides, logits: said.logits, points: this.numbers(first.slice(0, 2), 1, 2) });
    const [, , height, width] = reached.dims;
    const cells = height * width;
    const likely = Array.from({ length: 5 }, (_, i) => [...suggestions.data.subarray(2 * i, 2 * i + 2)]);
    return {
      mask: reached.data.slice(cells, 2 * cells), size: [height, width],
      likely: likely.filter(([a]) => Number.isFinite(a)),
    };
  }
}
