// The picture, and the corrections. Runs once for each picker on the page. `element` is its node, `props` its
// properties; `trigger` and `watch` are Gradio's. Points are in fractions of the picture.
const part = (name) => element.querySelector('.picker' + name);
const [root, desk, stage, photo, plane, ring, dots, cross, panel, status, undo, clear, uncertain, legend] = ['', '-desk',
  '-stage', '-photo', '-plane', '-ring', '-dots', '-cross', '-panel', '-status', '-undo', '-clear', '-doubt', '-legend'].map(part);
const MOST = { hints: Number(root.dataset.most), points: Number(root.dataset.points), stroke: 32, note: Number(root.dataset.note) };
const LONG = 8; // pixels that a pointer goes before a press is a stroke
const at = { x: 0.5, y: 0.5 }; // the crosshair
let spot = null; // the correction whose colour is being chosen: { x, y, path, reach, index of it or -1, n, keyboard }
let seen; // the photo that is shown
let click = Date.now(); // its number; never the same twice, because Gradio drops an answer that repeats the last one
let pending = 0;
let press = null; // of a pointer: { id, x, y, trail, held }
let stroked = false; // whether the click that follows ends a stroke
let said = '[]'; // the corrections that are known here, as JSON
const before = []; // those before each change, for undoing
const points = () => props.value ?? [];
const path = (point) => [[point.x, point.y], ...(point.path ?? [])];
const percent = (fraction) => Math.round(fraction * 100);
const within = (value) => Math.min(Math.max(value, 0), 0.9999);
const round = (value) => Math.round(value * 1e4) / 1e4;
const filled = (key, values = {}) => (props.words?.[key] ?? '').replace(/\{(\w+)\}/g, (_, blank) => values[blank]);
const seek = (point) => plane.dispatchEvent(new CustomEvent('seek', { detail: point, bubbles: true })); // to have it in view
const put = (node, { x, y }) => { node.style.left = x * 100 + '%'; node.style.top = y * 100 + '%'; };

function make(kind, name, attributes) {
  const node = Object.assign(document.createElement(kind), { className: name, ...attributes });
  if (kind === 'button') node.type = 'button';
  return node;
}

// The dots on the picture, their number, and the list.
function draw() {
  dots.replaceChildren(...points().map((point, i) => {
    const values = { number: i + 1, colour: named(point), x: percent(point.x), y: percent(point.y) };
    const dot = make('button', 'picker-dot', { textContent: i + 1, title: filled('picker_dot', values) });
    dot.setAttribute('aria-label', dot.title);
    dot.classList.toggle('picker-off', Boolean(point.off));
    dot.style.setProperty('--dot', point.color);
    put(dot, point);
    dot.addEventListener('click', (event) => open(point, i, event.detail === 0));
    dot.addEventListener('focus', () => { if (dot.matches(':focus-visible')) seek(point); });
    dot.addEventListener('keydown', (event) => {
      if (event.key !== 'Delete' && event.key !== 'Backspace') return;
      event.preventDefault();
      take(i);
    });
    return dot;
  }));
  const count = points().length;
  mark();
  clear.disabled = count === 0;
  undo.disabled = before.length === 0;
  status.textContent = count ? filled('picker_count', { count }) : '';
  drawList();
}

// The ring asks for a hint, so hide it where there is one.
function mark() {
  const [x, y] = props.shown?.ring ?? [];
  const near = (point) => apart([point.x, point.y], [x, y]) < 28;
  ring.hidden = x === undefined || points().some(near);
  if (!ring.hidden) put(ring, { x, y });
}

// silently: nothing that can be seen changes, so the photo need not be coloured anew.
function say(list, silently = false, undoing = false) {
  if (!undoing) before.push(points());
  if (before.length > 50) before.shift();
  said = JSON.stringify(list);
  props.value = list;
  draw();
  if (silently) { trigger('noted'); return; }
  root.classList.add('picker-busy');
  clearTimeout(pending);
  pending = setTimeout(settled, 15000); // an error is shown elsewhere
  trigger('input');
}

function settled() {
  clearTimeout(pending);
  root.classList.remove('picker-busy');
  if (!spot) untint();
}

const changed = (index, more) => points().map((point, i) => (i === index ? { ...point, ...more } : point));

function take(index) {
  shut();
  say(points().filter((_, i) => i !== index));
  (dots.children[Math.min(index, dots.children.length - 1)] ?? plane).focus();
}

// The server clears the corrections for another photo, or adds one.
function received() {
  const json = JSON.stringify(points());
  if (json !== said) {
    if (points().length) before.push(JSON.parse(said));
    else before.length = 0;
    said = json;
  }
  draw();
}

// The pictures that the server sent.
function show() {
  const { of, photo: coloured, uncertainty, hints = false, points: had = [] } = props.shown ?? {};
  root.hidden = !coloured;
  if (of !== seen) uncertain.setAttribute('aria-pressed', 'false'); // where it guesses was asked of the last one
  if (!coloured) return;
  root.classList.toggle('picker-plain', !hints);
  plane.tabIndex = hints ? 0 : -1;
  uncertain.hidden = !uncertainty;
  const guessing = Boolean(uncertainty) && uncertain.getAttribute('aria-pressed') === 'true';
  const src = (guessing ? uncertainty : coloured).url;
  if (photo.src !== new URL(src, location).href) photo.src = src;
  else settled();
  legend.hidden = !guessing;
  forget();
  mark();
  offerOthers();
  if (!hints || of !== seen) shut();
  else if (spot) look(path(spot), spot.index);
  if (of !== seen && !points().length && had.length) {
    props.value = had; // the photo came with corrections, which reached the server but not a picker that was not there yet
    received();
  }
  seen = of;
}

photo.addEventListener('load', () => {
  stage.style.setProperty('--ratio', photo.naturalWidth / photo.naturalHeight);
  settled();
});

// ---- mouse and fingers
function place({ clientX, clientY }) {
  const box = plane.getBoundingClientRect();
  return { x: within((clientX - box.left) / box.width), y: within((clientY - box.top) / box.height) };
}

plane.addEventListener('pointerdown', (event) => {
  stroked = false;
  if (!event.isPrimary) return moved();
  if (event.button || picking) return;
  const { x, y } = place(event);
  press = { id: event.pointerId, left: event.clientX, top: event.clientY, trail: [[x, y]] };
  press.hold = setTimeout(() => { if (press) press.held = true; }, 250); // from then on a finger draws and does not scroll
});
plane.addEventListener('touchmove', (event) => { if (press?.held || stroked) event.preventDefault(); }, { passive: false });
plane.addEventListener('pointermove', (event) => {
  const { x, y } = place(event);
  if (!press) {
    if (event.pointerType !== 'touch' && !spot && !picking) hover([[x, y]]);
    return;
  }
  if (event.pointerId !== press.id) return;
  if (!stroked && Math.hypot(event.clientX - press.left, event.clientY - press.top) < LONG) return;
  if (!stroked) plane.setPointerCapture(press.id);
  stroked = true;
  const [lastX, lastY] = press.trail.at(-1);
  if (apart([x, y], [lastX, lastY]) < LONG) return;
  press.trail.push([x, y]);
  trace(press.trail);
});
plane.addEventListener('pointerup', () => {
  const trail = press?.trail;
  clearTimeout(press?.hold);
  press = null;
  if (stroked && trail) stroke(trail);
});
plane.addEventListener('pointercancel', () => { moved(); stroked = false; }); // the page scrolls

// Two fingers move the picture: what the first one began is neither a stroke nor a click.
function moved() {
  clearTimeout(press?.hold);
  [press, stroked] = [null, true];
  outline();
}
plane.addEventListener('pointerleave', () => { if (!press && !spot) hover(); });
plane.addEventListener('click', (event) => {
  if (stroked) { stroked = false; return; }
  const here = place(event);
  if (picking) pickHere(here);
  else if (event.shiftKey && spot) stroke([[here.x, here.y]]);
  else open(here, -1, false);
});

// A stroke begins a correction, or adds to the one whose panel is open.
function stroke(trail, keyboard = false) {
  const all = spot ? [...path(spot), ...trail] : trail;
  const room = MOST.points - points().reduce((sum, point, i) => sum + (i === spot?.index ? 0 : path(point).length), 0);
  const kept = thin(all, Math.max(1, Math.min(MOST.stroke, room)));
  const [[x, y], ...further] = kept.map(([across, down]) => [round(across), round(down)]);
  if (!spot) return open({ x, y, path: further }, -1, keyboard);
  Object.assign(spot, { x, y, path: further });
  look(path(spot), spot.index);
  settle();
  if (spot.index >= 0) say(changed(spot.index, { x, y, path: further }));
}

const thin = (list, most) => (list.length <= most ? list
  : Array.from({ length: most }, (_, i) => list[Math.round((i * (list.length - 1)) / Math.max(most - 1, 1))]));

// ---- keys and buttons
plane.addEventListener('keydown', (event) => {
  const step = event.shiftKey ? 0.1 : 0.02;
  const move = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
  if (move) {
    at.x = within(at.x + move[0] * step);
    at.y = within(at.y + move[1] * step);
    put(cross, at);
    cross.hidden = false;
    seek(at);
    status.textContent = filled('picker_place', { x: percent(at.x), y: percent(at.y) });
    if (!spot && !picking) hover([[at.x, at.y]]);
  } else if (event.key === 'Enter' || event.key === ' ') {
    if (picking) pickHere(at);
    else if (event.shiftKey && spot) stroke([[at.x, at.y]], true);
    else open(at, -1, true);
  } else if (event.key === 'z' && (event.ctrlKey || event.metaKey)) {
    if (!undo.disabled) undo.click();
  } else return;
  event.preventDefault();
});
plane.addEventListener('focus', () => {
  put(cross, at);
  cross.hidden = !plane.matches(':focus-visible');
  if (!cross.hidden) seek(at);
});
plane.addEventListener('blur', () => { if (!spot) { cross.hidden = true; hover(); } });
ring.addEventListener('focus', () => { if (ring.matches(':focus-visible')) seek({ x: props.shown.ring[0], y: props.shown.ring[1] }); });
ring.addEventListener('click', (event) => {
  const [x, y] = props.shown.ring;
  open({ x, y }, -1, event.detail === 0);
});
undo.addEventListener('click', () => { shut(); say(before.pop(), false, true); if (undo.disabled) plane.focus(); });
clear.addEventListener('click', () => { shut(); say([]); plane.focus(); });
uncertain.addEventListener('click', () => {
  uncertain.setAttribute('aria-pressed', String(uncertain.getAttribute('aria-pressed') !== 'true'));
  show();
});

function start() {
  watch('value', received);
  watch('shown', show);
  watch('offer', offer);
  watch('region', reached);
  watch('words', () => { draw(); label(); });
  received();
  show();
}
