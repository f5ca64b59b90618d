// Runs once for each picker that is mounted: `element` is its place on the page, `props` what it shows, and `trigger`
// and `watch` are Gradio's. Points are fractions of the picture.
const [root, stage, photo, plane, ring, dots, cross, panel, swatches, free, remove, close, status, undo, clear, doubt,
  legend] = ['', '-stage', '-photo', '-plane', '-ring', '-dots', '-cross', '-panel', '-swatches', '-free input',
  '-remove', '-close', '-status', '-undo', '-clear', '-doubt', '-legend'].map((name) => element.querySelector('.picker' + name));
const at = { x: 0.5, y: 0.5 }; // the crosshair
let spot = null; // the place that a colour is being chosen for: { x, y, index of its dot or -1, n, keyboard }
let seen; // which photograph is shown
let asked = Date.now(); // no two ever the same: Gradio tells of no answer that repeats the one before
let offered = []; // the colours suggested
let pending = 0;
let late = 0;

const points = () => props.value ?? [];
const percent = (fraction) => Math.round(fraction * 100);
const filled = (key, values) => (props.words?.[key] ?? '').replace(/\{(\w+)\}/g, (_, blank) => values[blank]);
const named = ({ name, color }) => props.words?.['colour_' + name] ?? color;
const put = (node, { x, y }) => { node.style.left = x * 100 + '%'; node.style.top = y * 100 + '%'; };

function make(kind, name, attributes) {
  const node = Object.assign(document.createElement(kind), { className: name, ...attributes });
  if (kind === 'button') node.type = 'button';
  return node;
}

// The dots on the picture, and how many there are.
function draw() {
  dots.replaceChildren(...points().map((point, i) => {
    const values = { number: i + 1, colour: named(point), x: percent(point.x), y: percent(point.y) };
    const dot = make('button', 'picker-dot', { textContent: i + 1, title: filled('picker_dot', values) });
    dot.setAttribute('aria-label', dot.title);
    dot.style.setProperty('--dot', point.color);
    put(dot, point);
    dot.addEventListener('click', (event) => open(point, i, event.detail === 0));
    dot.addEventListener('keydown', (event) => {
      if (event.key !== 'Delete' && event.key !== 'Backspace') return;
      event.preventDefault();
      take(i);
    });
    return dot;
  }));
  const count = points().length;
  mark();
  undo.disabled = clear.disabled = count === 0;
  status.textContent = count ? filled('picker_count', { count }) : '';
}

// The ring is a question; where it has an answer, it would only be in its way.
function mark() {
  const [x, y] = props.shown?.ring ?? [];
  const near = (point) => Math.hypot((point.x - x) * stage.clientWidth, (point.y - y) * stage.clientHeight) < 28;
  ring.hidden = x === undefined || points().some(near);
  if (!ring.hidden) put(ring, { x, y });
}

function say(list) {
  props.value = list;
  draw();
  root.classList.add('picker-busy');
  clearTimeout(pending);
  pending = setTimeout(() => root.classList.remove('picker-busy'), 15000); // an error says so elsewhere
  trigger('input');
}

function take(index) {
  shut();
  say(points().filter((_, i) => i !== index));
  (dots.children[Math.min(index, dots.children.length - 1)] ?? plane).focus();
}

// The panel with colours for one place.
function open(point, index, keyboard) {
  if (index < 0 && points().length >= Number(root.dataset.most)) return;
  spot = { x: point.x, y: point.y, index, n: ++asked, keyboard };
  Object.assign(at, { x: point.x, y: point.y });
  put(cross, at);
  cross.hidden = false;
  panel.hidden = false;
  remove.hidden = index < 0;
  offered = [];
  swatches.replaceChildren(...Array.from({ length: 5 }, () => make('span', 'picker-wait')));
  swatches.hidden = false;
  clearTimeout(late);
  late = setTimeout(() => { swatches.hidden = true; settle(); }, 15000); // any other colour can be chosen all the same
  settle();
  panel.scrollIntoView({ block: 'nearest' });
  if (keyboard) close.focus();
  trigger('place', { x: spot.x, y: spot.y, n: spot.n });
}

// Beside the place, on the side with more room, and not over the edges; a phone has it under the picture.
function settle() {
  const { clientWidth: width, clientHeight: height } = stage;
  const left = Math.min(Math.max(spot.x * width - panel.offsetWidth / 2, 0), Math.max(width - panel.offsetWidth, 0));
  panel.style.left = left + 'px';
  panel.style.top = spot.y < 0.55 ? spot.y * height + 24 + 'px' : 'auto';
  panel.style.bottom = spot.y < 0.55 ? 'auto' : (1 - spot.y) * height + 24 + 'px';
}

function offer() {
  if (!spot || props.offer?.n !== spot.n) return;
  clearTimeout(late);
  offered = props.offer.swatches ?? [];
  swatches.replaceChildren(...offered.map((colour, i) => {
    const swatch = make('button', 'picker-swatch');
    swatch.style.background = colour.color;
    swatch.addEventListener('click', () => choose(colour));
    return swatch;
  }));
  label();
  swatches.hidden = offered.length === 0;
  if (offered.length) free.value = offered[0].color;
  settle();
  if (spot.keyboard) (swatches.firstElementChild ?? free).focus();
}

function label() {
  [...swatches.querySelectorAll('.picker-swatch')].forEach((swatch, i) => {
    swatch.title = named(offered[i]);
    swatch.setAttribute('aria-label', filled('picker_swatch', { number: i + 1, colour: swatch.title }));
  });
}

function choose({ color, ab, name }) {
  if (!spot) return;
  const { x, y, index, keyboard } = spot;
  const point = { x, y, color, ...(ab && { ab }), ...(name && { name }) };
  const list = points().slice();
  list.splice(index < 0 ? list.length : index, index < 0 ? 0 : 1, point);
  shut();
  say(list);
  if (keyboard) plane.focus();
}

function shut() {
  const inside = panel.contains(document.activeElement);
  spot = null;
  clearTimeout(late);
  panel.hidden = true;
  cross.hidden = document.activeElement !== plane || !plane.matches(':focus-visible');
  if (inside) plane.focus({ preventScroll: true });
}

// What the server has to show.
function show() {
  const { of, photo: coloured, doubt: guesses, hints = false } = props.shown ?? {};
  root.hidden = !coloured;
  if (!coloured) return;
  clearTimeout(pending);
  root.classList.remove('picker-busy');
  root.classList.toggle('picker-plain', !hints);
  plane.tabIndex = hints ? 0 : -1;
  doubt.hidden = !guesses;
  const guessing = Boolean(guesses) && doubt.getAttribute('aria-pressed') === 'true';
  photo.src = (guessing ? guesses : coloured).url;
  legend.hidden = !guessing;
  mark();
  if (!hints || of !== seen) shut();
  seen = of;
}

photo.addEventListener('load', () => stage.style.setProperty('--ratio', photo.naturalWidth / photo.naturalHeight));
plane.addEventListener('click', (event) => {
  const box = plane.getBoundingClientRect();
  const within = (value) => Math.min(Math.max(value, 0), 0.9999);
  open({ x: within((event.clientX - box.left) / box.width), y: within((event.clientY - box.top) / box.height) }, -1, false);
});
plane.addEventListener('keydown', (event) => {
  const step = event.shiftKey ? 0.1 : 0.02;
  const move = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
  if (move) {
    at.x = Math.min(Math.max(at.x + move[0] * step, 0), 0.9999);
    at.y = Math.min(Math.max(at.y + move[1] * step, 0), 0.9999);
    put(cross, at);
    cross.hidden = false;
    status.textContent = filled('picker_place', { x: percent(at.x), y: percent(at.y) });
  } else if (event.key === 'Enter' || event.key === ' ') {
    open(at, -1, true);
  } else if (event.key === 'z' && (event.ctrlKey || event.metaKey)) {
    if (points().length) undo.click();
  } else {
    return;
  }
  event.preventDefault();
});
plane.addEventListener('focus', () => { put(cross, at); cross.hidden = !plane.matches(':focus-visible'); });
plane.addEventListener('blur', () => { if (!spot) cross.hidden = true; });
element.addEventListener('keydown', (event) => { if (event.key === 'Escape' && spot) { shut(); plane.focus(); } });
ring.addEventListener('click', (event) => {
  const [x, y] = props.shown.ring;
  open({ x, y }, -1, event.detail === 0);
});
free.addEventListener('change', () => choose({ color: free.value }));
remove.addEventListener('click', () => take(spot.index));
close.addEventListener('click', shut);
undo.addEventListener('click', () => { shut(); say(points().slice(0, -1)); if (undo.disabled) plane.focus(); });
clear.addEventListener('click', () => { shut(); say([]); plane.focus(); });
doubt.addEventListener('click', () => {
  doubt.setAttribute('aria-pressed', String(doubt.getAttribute('aria-pressed') !== 'true'));
  show();
});
watch('value', draw);
watch('shown', show);
watch('offer', offer);
watch('words', () => { draw(); label(); });
draw();
show();
