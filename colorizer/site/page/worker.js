// The worker: it has the network and the photograph, and answers one question after another.
import * as ort from './onnxruntime/ort.wasm.min.mjs';
import { lightnessOf, luminance } from './colour.js';
import { FAULTS } from './faults.js';
import { faster } from './gpu.js';
import { hasOwnColours } from './kinds.js';
import { pngOf, withXmp } from './files.js';
import { isOurs } from './known.js';
import { Answers, Photo } from './pipeline.js';

const PREVIEW = FACTS.preview; // pixels along the longest side of what is shown
const THUMB = 240;
const PARTS = ['network', 'clues', 'look', 'reached', 'paint', 'suggestions'];
let sessions;
let answers = null; // for the photograph that is open
let shown = {}; // it in other sizes, by their longest sides

async function bytesOf(name, seen) {
  const answer = await fetch(name);
  if (!answer.ok) throw new Error(name);
  const reader = answer.body.getReader();
  const parts = [];
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    parts.push(part.value);
    seen(part.value.length);
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}

const questions = {
  async load(_, progress) {
    const files = ['onnxruntime/ort-wasm-simd-threaded.wasm', ...PARTS.map((name) => `${name}.onnx`)];
    const whole = files.reduce((sum, name) => sum + FACTS.sizes[name], 0);
    let done = 0;
    const seen = (more) => { done += more; progress(done / whole); };
    const [wasm, ...parts] = await Promise.all(files.map((name) => bytesOf(name, seen)));
    Object.assign(ort.env.wasm, {
      wasmPaths: new URL('onnxruntime/', self.location.href).href, wasmBinary: wasm.buffer,
      numThreads: self.crossOriginIsolated ? Math.min(4, navigator.hardwareConcurrency || 1) : 1,
    });
    ort.env.logLevel = 'error';
    const open = (bytes) => ort.InferenceSession.create(bytes, { executionProviders: ['wasm'], graphOptimizationLevel: 'all' });
    sessions = {};
    for (const [i, name] of PARTS.entries()) sessions[name] = await open(parts[i]);
    return { threads: ort.env.wasm.numThreads };
  },

  // Have the network on the GPU, where that is better. Other questions need not wait while what it takes is loaded.
  async quicken({ always }) {
    const fast = await faster({ always, slow: sessions.network, facts: FACTS, bytes: () => bytesOf('network.onnx', () => {}), ort, inTurn });
    if (fast) sessions.network = fast;
    return { gpu: Boolean(fast) };
  },

  async open({ file }) {
    const bitmap = await createImageBitmap(file).catch(async () => { throw new Error(await faultOf(file)); });
    const ours = await isOurs(file); // its colours are no truth
    for (const { bitmap: old } of Object.values(shown)) old.close();
    answers?.photo.bitmap.close();
    const photo = new Photo(bitmap);
    answers = new Answers(ort, sessions, FACTS, photo);
    const preview = await photo.smaller(PREVIEW);
    shown = { [PREVIEW]: preview, [THUMB]: await preview.smaller(THUMB) };
    const [gray, original] = [await seen(preview, preview.gray()), await seen(preview, preview.strips())];
    return { width: photo.width, height: photo.height, gray, original, colours: !ours && (await coloured(preview)), ours };
  },

  // The photograph with a look and corrections, for the screen.
  async colour({ look, points, small }) {
    const answer = await answers.of(look, points);
    const { ab, entropy } = answer;
    const photo = shown[small ? THUMB : PREVIEW];
    const picture = await seen(photo, photo.coloured(ab, FACTS.gamut));
    if (small) return { picture };
    answer.doubt ??= await doubtPicture(photo, entropy);
    return { picture, ring: leastSure(entropy), doubt: answer.doubt };
  },

  async at({ places, others }) {
    const { mask, size: [height, width], likely } = await answers.at(places, others);
    const pixels = new Uint8ClampedArray(4 * mask.length).fill(255);
    mask.forEach((share, i) => { pixels[4 * i + 3] = Math.round(255 * share); });
    const canvas = new OffscreenCanvas(width, height);
    canvas.getContext('2d').putImageData(new ImageData(pixels, width, height), 0, 0);
    return { mask: await canvas.convertToBlob(), size: [height, width], likely, L: lightnessAt(places[0]) };
  },

  async save({ look, points, kind, said }, progress) {
    const { photo } = answers;
    const { ab } = await answers.of(look, points);
    const strips = photo.coloured(ab, FACTS.gamut);
    if (kind === 'png') return { file: await pngOf(strips, photo.width, photo.height, said, progress) };
    const picture = photo.picture(strips);
    const jpeg = await picture.convertToBlob({ type: 'image/jpeg', quality: 0.95 }).catch(() => null);
    if (!jpeg) throw new Error('jpeg');
    return { file: await withXmp(jpeg, said) };
  },
};

async function coloured(photo) {
  const small = await photo.smaller(64);
  const [{ data }] = small.strips();
  return hasOwnColours(data, [small.width, small.height], FACTS.gamut);
}

const seen = (photo, strips) => photo.picture(strips).convertToBlob({ type: 'image/jpeg', quality: 0.92 });

// Where it guesses: entropy in colours over the gray photograph, as in `colorizer/colour/names.py`.
async function doubtPicture(photo, { data, dims: [height, width] }) {
  const { scale, sure, unsure } = FACTS.doubt;
  const stops = scale.map((color) => [1, 3, 5].map((from) => parseInt(color.slice(from, from + 2), 16)));
  const pixels = new Uint8ClampedArray(4 * data.length).fill(255);
  data.forEach((entropy, i) => {
    const at = Math.min(Math.max((entropy - sure) / (unsure - sure), 0), 1) * (stops.length - 1);
    const [low, high] = [stops[Math.floor(at)], stops[Math.ceil(at)]];
    low.forEach((level, channel) => { pixels[4 * i + channel] = level + (at % 1) * (high[channel] - level); });
  });
  const cells = new OffscreenCanvas(width, height);
  cells.getContext('2d').putImageData(new ImageData(pixels, width, height), 0, 0);
  const picture = photo.picture(photo.gray());
  const context = picture.getContext('2d');
  Object.assign(context, { globalAlpha: 0.7, imageSmoothingQuality: 'high' });
  context.drawImage(cells, 0, 0, picture.width, picture.height);
  return picture.convertToBlob({ type: 'image/jpeg', quality: 0.9 });
}

// Mean L of the pixels around a place.
function lightnessAt([x, y]) {
  const { bitmap, width, height } = answers.photo;
  const [column, row] = [Math.floor(x * width), Math.floor(y * height)];
  const [left, top] = [Math.max(0, column - 2), Math.max(0, row - 2)];
  const [across, down] = [Math.min(width, column + 3) - left, Math.min(height, row + 3) - top];
  const context = new OffscreenCanvas(across, down).getContext('2d');
  context.drawImage(bitmap, left, top, across, down, 0, 0, across, down);
  const { data } = context.getImageData(0, 0, across, down);
  let sum = 0;
  for (let i = 0; i < across * down; i++) sum += lightnessOf(luminance(data, i));
  return sum / (across * down);
}

// The centre, in fractions, of the square of `side` cells where the network is least sure.
function leastSure({ data, dims: [height, width] }, side = Math.min(5, height, width)) {
  let [best, place] = [-1, [0.5, 0.5]];
  for (let y = 0; y + side <= height; y++) {
    for (let x = 0; x + side <= width; x++) {
      let sum = 0;
      for (let j = 0; j < side; j++) for (let i = 0; i < side; i++) sum += data[(y + j) * width + x + i];
      if (sum > best) [best, place] = [sum, [(x + side / 2) / width, (y + side / 2) / height]];
    }
  }
  return place;
}

let last = Promise.resolve();
function inTurn(work) {
  const done = last.then(work);
  last = done.catch(() => {});
  return done;
}

// Why the browser cannot read a file, as the first bytes say: those of a kind that it knows, of one that it may not know
// (TIFF, JPEG 2000, HEIC), or of no picture.
const KNOWN = /^(\xff\xd8\xff|\x89PNG|GIF8|BM|RIFF....WEBP|....ftypavi[fs])/s;
const OTHERS = /^(II[*+]\0|MM\0[*+]|\0\0\0\x0cjP|\xff\x4f\xff\x51|....ftyp)/s;
async function faultOf(file) {
  const first = String.fromCharCode(...new Uint8Array(await file.slice(0, 16).arrayBuffer()));
  if (KNOWN.test(first)) return await isCut(file, first) ? 'photo_partial' : 'photo_damaged';
  return !first ? 'photo_empty' : OTHERS.test(first) ? 'unreadable' : 'photo_unknown';
}

// Whether a picture has begun in a file and its end is missing.
async function isCut(file, first) {
  const data = await file.arrayBuffer();
  const view = new DataView(data);
  if (first.startsWith('RIFF')) return view.getUint32(4, true) + 8 > file.size;
  if (first.startsWith('BM')) return file.size < 6 || view.getUint32(2, true) > file.size;
  if (first.startsWith('GIF')) return view.getUint8(file.size - 1) !== 0x3b;
  if (first.slice(4, 8) === 'ftyp') {
    let at = 0;
    for (let length = 8; length >= 8 && at + 4 <= file.size; at += length) length = view.getUint32(at);
    return at > file.size;
  }
  const [begin, end] = first[0] === '\xff' ? ['\xff\xda', '\xff\xd9'] : ['IDAT', 'IEND'];
  const text = new TextDecoder('latin1').decode(data);
  return text.lastIndexOf(begin) > text.lastIndexOf(end);
}

self.onmessage = async ({ data: { id, what, ...question } }) => {
  const progress = (share) => self.postMessage({ id, progress: share });
  const work = () => questions[what](question, progress);
  try {
    self.postMessage({ id, answer: await (what === 'quicken' ? work() : inTurn(work)) });
  } catch (error) {
    const known = error.message in FAULTS;
    if (!known) console.error(error);
    self.postMessage({ id, error: known ? error.message : error instanceof RangeError ? 'memory' : 'failed' });
  }
};
