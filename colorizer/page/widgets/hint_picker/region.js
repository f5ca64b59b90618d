// What a correction reaches: an outline while the pointer is there, and a tint while a colour is tried. The server finds
// it; the same places are asked about once.
const REST = 60; // milliseconds that a pointer rests before the server is asked
const canvas = part('-outline');
const tint = part('-tint');
const found = new Map(); // pictures of regions, by their places
let asked = null; // the question that waits for an answer: { key, n }
let wanted = null; // the next question
let current = ''; // whose region is to be shown
let grid = [64, 64]; // places in one cell have one region
let resting = 0;
let givingUp = 0;

const keyOf = (places, index) => `${index} ${places.map(([x, y]) => Math.floor(y * grid[0]) * 1e4 + Math.floor(x * grid[1])).join()}`;

function hover(places) {
  if (places && !props.shown?.things) return; // corrections are about the whole picture there
  look(places, -1, REST);
}

// Show the region of these places, beside those of other corrections than the one with this index.
function look(places, index = -1, rest = 0) {
  clearTimeout(resting);
  wanted = null;
  if (!places || !props.shown?.hints) { current = ''; return outline(); }
  const key = keyOf(places, index);
  if (key === current && found.has(key)) return;
  current = key;
  if (found.has(key)) return outline();
  wanted = { key, points: places.map(([x, y]) => [round(x), round(y)]), index };
  if (rest) resting = setTimeout(ask, rest);
  else ask();
}

function ask() {
  if (asked || !wanted) return;
  asked = { ...wanted, n: ++click };
  wanted = null;
  clearTimeout(givingUp);
  givingUp = setTimeout(() => { asked = null; ask(); }, 5000);
  trigger('look', { points: asked.points, index: asked.index, n: asked.n });
}

async function reached() {
  const { n, mask, grid: cells } = props.region ?? {};
  if (!asked || n !== asked.n) return;
  const { points: places, index } = asked;
  clearTimeout(givingUp);
  let picture = null;
  if (mask) {
    picture = new Image();
    picture.src = mask;
    await picture.decode().catch(() => { picture = null; });
  }
  const here = current === asked.key;
  if (cells?.length) grid = cells;
  asked = null;
  const key = keyOf(places, index);
  if (here) current = key;
  found.set(key, picture);
  if (here) { outline(); if (spot) { settle(); retint(); } }
  ask();
}

// Other corrections, or another network, and every region is another.
function forget() {
  found.clear();
  asked = null;
  if (!spot) { current = ''; outline(); }
}

const region = () => found.get(current) ?? null;

// The pixels between two points, and where one is on the stage, as far as that is zoomed.
function apart([x, y], [X, Y]) {
  const { width, height } = plane.getBoundingClientRect();
  return Math.hypot((x - X) * width, (y - Y) * height);
}
function onStage([x, y]) {
  const [outer, inner] = [stage, plane].map((node) => node.getBoundingClientRect());
  return [inner.left - outer.left + x * inner.width, inner.top - outer.top + y * inner.height];
}

// The region as opacities of `width` x `height` pixels.
function opacities(picture, width, height) {
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true });
  context.imageSmoothingQuality = 'high';
  context.drawImage(picture, 0, 0, width, height);
  return context.getImageData(0, 0, width, height).data;
}

function outline() {
  const picture = region();
  canvas.hidden = !picture;
  if (!picture || !stage.clientWidth) return;
  const scale = Math.min(1, 800 / stage.clientWidth);
  const [width, height] = [stage.clientWidth, stage.clientHeight].map((side) => Math.max(1, Math.round(side * scale)));
  Object.assign(canvas, { width, height });
  const alpha = opacities(picture, width, height);
  const inside = (x, y) => alpha[(y * width + x) * 4 + 3] > 127;
  const context = canvas.getContext('2d');
  const drawn = context.createImageData(width, height);
  const dye = (x, y, level, opacity) => {
    const i = (y * width + x) * 4;
    if (drawn.data[i + 3] > opacity) return;
    drawn.data.fill(level, i, i + 3);
    drawn.data[i + 3] = opacity;
  };
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      if (!inside(x, y)) continue;
      if (inside(x - 1, y) && inside(x + 1, y) && inside(x, y - 1) && inside(x, y + 1)) { dye(x, y, 255, 20); continue; }
      dye(x, y, 255, 255);
      for (const [across, down] of [[-1, 0], [1, 0], [0, -1], [0, 1]]) { // a dark line beside the light one, on any ground
        dye(x + across, y + down, inside(x + across, y + down) ? 255 : 0, inside(x + across, y + down) ? 200 : 190);
      }
    }
  }
  context.putImageData(drawn, 0, 0);
}

// The way of a pointer that draws.
function trace(trail) {
  canvas.hidden = false;
  Object.assign(canvas, { width: stage.clientWidth, height: stage.clientHeight });
  const context = canvas.getContext('2d');
  const line = new Path2D();
  for (const [x, y] of trail) line.lineTo(x * canvas.width, y * canvas.height);
  Object.assign(context, { lineCap: 'round', lineJoin: 'round' });
  for (const [strokeStyle, lineWidth] of [['#000a', 9], ['#fff', 5]]) {
    Object.assign(context, { strokeStyle, lineWidth });
    context.stroke(line);
  }
}

// The region in pixels of the stage: [left, top, right, bottom]; null where it is not known.
function bounds() {
  const picture = region();
  if (!picture) return null;
  const [width, height] = [96, 96];
  const alpha = opacities(picture, width, height);
  let [left, top, right, bottom] = [width, height, -1, -1];
  for (let i = 0; i < width * height; i++) {
    if (alpha[i * 4 + 3] < 128) continue;
    const [x, y] = [i % width, Math.floor(i / width)];
    [left, top, right, bottom] = [Math.min(left, x), Math.min(top, y), Math.max(right, x), Math.max(bottom, y)];
  }
  const corners = [[left, top], [right + 1, bottom + 1]];
  return right < 0 ? null : corners.flatMap(([x, y]) => onStage([x / width, y / height]));
}

// ---- a colour on the region, before the server has painted it

let tried = null;

function dip(color) {
  tried = color;
  retint();
}

function retint() {
  const picture = region();
  tint.hidden = !tried || !picture;
  if (tint.hidden) return;
  tint.style.backgroundColor = tried;
  tint.style.maskImage = tint.style.webkitMaskImage = `url(${picture.src})`;
  tint.style.opacity = spot?.index >= 0 ? (points()[spot.index]?.strength ?? 1) : 1;
}

function untint() {
  tried = null;
  tint.hidden = true;
}
