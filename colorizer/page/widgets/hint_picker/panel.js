// The panel with colours for a place. It opens beside the place and never covers it.
const [swatches, shades, chips, word, grayChip, freeLabel, thing, whole, remove, close] = ['-swatches', '-shades',
  '-palette', '-word', '-gray', '-free', '-thing', '-whole', '-remove', '-close'].map(part);
const free = freeLabel.querySelector('input');
const NARROW = 620; // pixels: there the panel stands under the picture
const CLEAR = 26; // pixels around the place that stay free
const GRAY = { color: '#7f7f7f', ab: [0, 0], name: 'grey' };
let suggested = []; // colours
let late = 0;

function open(point, index, keyboard) {
  if (index < 0 && points().length >= MOST.hints) return;
  stopPicking();
  const reach = index < 0 ? (props.shown?.things ? 'thing' : 'picture') : point.reach;
  spot = { x: point.x, y: point.y, path: point.path ?? [], reach, index, n: ++click, keyboard };
  Object.assign(at, { x: point.x, y: point.y });
  put(cross, at);
  cross.hidden = false;
  panel.hidden = false;
  remove.hidden = index < 0;
  suggested = [];
  swatches.replaceChildren(...Array.from({ length: 5 }, () => make('span', 'picker-wait')));
  swatches.hidden = false;
  word.textContent = '';
  clearTimeout(late);
  late = setTimeout(() => { swatches.hidden = true; settle(); }, 15000); // any other colour can be chosen all the same
  untint();
  far();
  look(path(spot), index);
  settle();
  panel.scrollIntoView({ block: 'nearest' });
  if (keyboard) close.focus();
  trigger('place', { x: spot.x, y: spot.y, n: spot.n });
}

// A click elsewhere on the stage asks for a place, and to be shown in this picture, which becomes visible just after.
element.closest('#stage-box')?.addEventListener('clicked', (event) => {
  if (!props.shown?.hints) return;
  event.preventDefault();
  requestAnimationFrame(() => open({ x: within(event.detail.x), y: within(event.detail.y) }, -1, false));
});

// A mark on the stage offered a colour, and takes it back.
for (const [name, after] of [
  ['take', (mark) => [...points(), mark]],
  ['untake', ({ x, y }) => points().filter((point) => point.x !== x || point.y !== y)],
]) {
  element.closest('#stage-box')?.addEventListener(name, ({ detail }) => {
    const list = after(detail);
    if (props.shown?.hints && list.length <= MOST.hints) say(list);
  });
}

// Beside the place, where least of the thing and of the picture is covered.
function settle() {
  if (!spot || panel.hidden) return;
  const narrow = desk.clientWidth < NARROW;
  panel.classList.toggle('picker-docked', narrow);
  if (narrow) { panel.style.left = panel.style.top = ''; return; }
  const [left, top] = [stage.offsetLeft, stage.offsetTop];
  const [width, height] = [panel.offsetWidth, panel.offsetHeight];
  const places = path(spot).map(onStage).map(([x, y]) => [left + x, top + y]);
  const [xs, ys] = [places.map(([x]) => x), places.map(([, y]) => y)];
  const around = [Math.min(...xs) - CLEAR, Math.min(...ys) - CLEAR, Math.max(...xs) + CLEAR, Math.max(...ys) + CLEAR];
  const box = bounds();
  const view = [left, top, left + stage.clientWidth, top + stage.clientHeight];
  const thingAt = box ? [box[0] + left, box[1] + top, box[2] + left, box[3] + top] : around;
  const overlap = (a, b) => Math.max(0, Math.min(a[2], b[2]) - Math.max(a[0], b[0])) * Math.max(0, Math.min(a[3], b[3]) - Math.max(a[1], b[1]));
  const covers = (rect) => places.some(([x, y]) => overlap(rect, [x - CLEAR, y - CLEAR, x + CLEAR, y + CLEAR]) > 0);
  const [middleX, middleY] = [(around[0] + around[2] - width) / 2, (around[1] + around[3] - height) / 2];
  const lowest = Math.max(top, view[3] - height);
  const clampX = (x) => Math.min(Math.max(x, 0), Math.max(desk.clientWidth - width, 0));
  const clampY = (y) => Math.min(Math.max(y, top), lowest);
  const spots = [[0, clampY(middleY)], [desk.clientWidth - width, clampY(middleY)]];
  for (const area of [thingAt, around]) {
    spots.push([area[2] + 12, clampY(middleY)], [area[0] - width - 12, clampY(middleY)],
      [clampX(middleX), area[3] + 12], [clampX(middleX), area[1] - height - 12]);
  }
  const cost = ([x, y]) => {
    const rect = [x, y, x + width, y + height];
    const outside = Math.max(0, -x) + Math.max(0, x + width - desk.clientWidth) + Math.max(0, top - y) * 2 + Math.max(0, y + height - view[3]);
    const away = Math.abs(x + width / 2 - (around[0] + around[2]) / 2) / 20;
    return (covers(rect) ? 1e9 : 0) + outside * 500 + overlap(rect, thingAt) + overlap(rect, view) / 5 + away * 100;
  };
  const [x, y] = spots.reduce((best, next) => (cost(next) < cost(best) ? next : best));
  panel.style.left = x + 'px';
  panel.style.top = y + 'px';
}

// What a button would do to the place, while the pointer or the focus is on it.
function trying(button, colour, sentence = () => '') {
  const begin = () => { dip(colour.color); word.textContent = sentence() || general(); };
  const end = () => { if (spot) untint(); word.textContent = general(); };
  for (const kind of ['pointerenter', 'focus']) button.addEventListener(kind, begin);
  for (const kind of ['pointerleave', 'blur']) button.addEventListener(kind, end);
  button.addEventListener('click', () => choose(colour));
  return button;
}

const general = () => (spot && props.offer?.n === spot.n && props.offer.place ? filled('picker_place_' + props.offer.place) : '');

function offer() {
  if (!spot || props.offer?.n !== spot.n) return;
  clearTimeout(late);
  suggested = props.offer.swatches ?? [];
  swatches.replaceChildren(...suggested.map((colour) => {
    const swatch = trying(make('button', 'picker-swatch'), colour);
    swatch.style.background = colour.color;
    return swatch;
  }));
  label();
  swatches.hidden = suggested.length === 0;
  if (suggested.length) free.value = suggested[0].color;
  word.textContent = general();
  settle();
  if (spot.keyboard && (document.activeElement === close || !panel.contains(document.activeElement))) {
    (swatches.firstElementChild ?? shades.firstElementChild).focus();
  }
}

// Colours by name: a row of light ones, one of those in between, one of dark ones.
function drawShades() {
  const all = ['light', '', 'deep'].flatMap((shade, row) => (props.hues ?? []).map((name, column) => (
    { name, color: props.shades[column][row], ...(shade && { shade }) })));
  shades.replaceChildren(...all.map((colour, i) => {
    const button = trying(make('button', 'picker-shade', { title: named(colour) }), colour, () => {
      const { word: kind, name, shade } = (spot && props.offer?.n === spot.n && props.offer.seen?.[i]) || {};
      return kind ? filled('picker_' + kind, { colour: named(colour), seen: named({ name, shade }) }) : '';
    });
    button.setAttribute('aria-label', button.title);
    button.style.background = colour.color;
    return button;
  }));
}

// Arrow keys go through the colours by name, as through a table.
shades.addEventListener('keydown', (event) => {
  const across = (props.hues ?? []).length;
  const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -across, ArrowDown: across }[event.key];
  const next = shades.children[[...shades.children].indexOf(document.activeElement) + step];
  if (!step || !next) return;
  event.preventDefault();
  next.focus();
});

function label() {
  [...swatches.querySelectorAll('.picker-swatch')].forEach((swatch, i) => {
    swatch.title = named(suggested[i]);
    swatch.setAttribute('aria-label', filled('picker_swatch', { number: i + 1, colour: swatch.title }));
  });
  drawShades();
}

function far() {
  thing.setAttribute('aria-pressed', String(spot?.reach === 'thing'));
  whole.setAttribute('aria-pressed', String(spot?.reach === 'picture'));
}

function reaches(reach) {
  spot.reach = reach;
  far();
  if (spot.index >= 0) say(changed(spot.index, { reach }));
}

function choose({ color, ab, name, shade }) {
  if (!spot) return;
  const { x, y, path: further, reach, index, keyboard } = spot;
  const { strength, note, off } = points()[index] ?? {};
  const kept = Object.entries({ path: further?.length ? further : undefined, ab, name, shade, reach, strength, note, off });
  const point = { x: round(x), y: round(y), color, ...Object.fromEntries(kept.filter(([, value]) => value !== undefined)) };
  const list = points().slice();
  list.splice(index < 0 ? list.length : index, index < 0 ? 0 : 1, point);
  dip(color);
  shut(true);
  say(list);
  if (keyboard) plane.focus();
}

// showing: keep the colour that is tried on the picture, until the true one comes.
function shut(showing = false) {
  const inside = panel.contains(document.activeElement);
  spot = null;
  clearTimeout(late);
  stopPicking();
  panel.hidden = true;
  if (!showing) untint();
  cross.hidden = document.activeElement !== plane || !plane.matches(':focus-visible');
  canvas.hidden = true;
  current = '';
  if (inside) plane.focus({ preventScroll: true });
}

element.addEventListener('keydown', (event) => {
  if (event.key !== 'Escape' || !spot) return;
  if (picking) { stopPicking(); return; }
  shut();
  plane.focus();
});
document.addEventListener('pointerdown', ({ target }) => {
  if (spot && !panel.contains(target) && !stage.contains(target)) shut();
});
new ResizeObserver(() => {
  settle(); outline(); mark();
  if (spot) panel.scrollIntoView({ block: 'nearest' });
}).observe(desk);
document.addEventListener('zoomed', () => { settle(); mark(); });
free.addEventListener('input', () => dip(free.value));
free.addEventListener('change', () => choose({ color: free.value }));
trying(grayChip, GRAY);
thing.addEventListener('click', () => reaches('thing'));
whole.addEventListener('click', () => reaches('picture'));
remove.addEventListener('click', () => take(spot.index));
close.addEventListener('click', () => shut());
