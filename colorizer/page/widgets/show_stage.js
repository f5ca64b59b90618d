// Runs once for each stage that is mounted: `element` is its place on the page, `props` what there is to show, and
// `trigger` and `watch` are Gradio's. Slides are known by their keys; pictures that have come are kept as blobs.
const [stage, frame, divider, message, name, count, help, full, bar] = ['stage', 'frame', 'divider', 'message', 'name',
  'count', 'keys', 'full', 'bar'].map((part) => element.querySelector('.show-' + part));
const layers = Object.fromEntries(['gray', 'colour', 'truth'].map((part) => [part, element.querySelector('.show-' + part)]));
const captions = Object.fromEntries(['left', 'right', 'was'].map((part) => [part, element.querySelector(`.show-${part} b`)]));
const still = matchMedia('(prefers-reduced-motion: reduce)');
const IDLE = 3000, PATIENCE = 120000, WIPE = 7000, HOLD = 4000; // milliseconds

const slides = new Map(); // by key: { gray, colour, truth: <img>, hinted } or { error }
let list = [];
let at = 0; // which of the list is shown
let asked = 0;
let asking = null; // the one wish under way: { n, key, late }
let held = false, pinned = false; // the photograph as it was
let playing = false;
let begun = null; // when this slide's wipe began
let idle = 0;
let filling = false; // the window, where the browser has no full screen to give
let lock = null;

const words = () => props.words ?? {};
const filled = (sentence, values) => (sentence ?? '').replace(/\{(\w+)\}/g, (_, key) => values[key]);
const whole = () => filling || document.fullscreenElement === stage;
const shown = () => stage.getClientRects().length > 0;
const item = () => list[at];

// ---- what is on the stage

function draw() {
  const slide = item() && slides.get(item().key);
  const ready = Boolean(slide?.gray);
  frame.hidden = !ready;
  message.hidden = ready;
  message.classList.toggle('show-wait', Boolean(item()) && !slide);
  message.textContent = !item() ? words().show_empty
    : slide?.error ? filled(words().show_failed, { name: item().name, reason: slide.error }) + ' ' + (list.length > 1 ? words().show_go_on : '')
    : ready ? '' : filled(words().show_waiting, item());
  name.textContent = item()?.name ?? '';
  count.textContent = list.length ? filled(words().show_count, { number: at + 1, count: list.length }) : '';
  if (ready) dress(slide);
  stage.classList.toggle('show-empty', !item());
}

function dress(slide) {
  const { grayscale, original, predicted, side_hinted, grayscale_alt, original_alt, predicted_alt, side_hinted_alt } = words();
  const was = slide.truth ? [slide.truth, original_alt, original] : [slide.copy, grayscale_alt, grayscale];
  put(layers.gray, slide.gray, grayscale_alt);
  put(layers.colour, slide.colour, slide.hinted ? side_hinted_alt : predicted_alt);
  put(layers.truth, was[0], was[1]);
  captions.left.textContent = grayscale;
  captions.right.textContent = slide.hinted ? side_hinted : predicted;
  captions.was.textContent = was[2];
  const ratio = slide.gray.naturalWidth / slide.gray.naturalHeight;
  frame.style.setProperty('--ratio', ratio);
  fit(ratio);
}

// Whether there is room for captions beside the picture, as there is beside a portrait on a projector's screen.
function fit(ratio = layers.gray.firstChild?.naturalWidth / layers.gray.firstChild?.naturalHeight) {
  const { clientWidth: width, clientHeight: height } = frame.parentElement;
  frame.classList.toggle('show-narrow', ratio < 0.9);
  frame.classList.toggle('show-beside', (width - height * ratio) / 2 > height * 0.42);
}

function put(layer, picture, alt) {
  picture.alt = alt ?? '';
  if (layer.firstChild !== picture) layer.replaceChildren(picture);
}

function place(percent) {
  divider.value = Math.min(Math.max(percent, 0), 100);
  frame.style.setProperty('--at', divider.value + '%');
  frame.classList.toggle('show-no-left', Number(divider.value) === 0);
  frame.classList.toggle('show-no-right', Number(divider.value) === 100);
}

function blink() {
  frame.classList.toggle('show-blinking', held || pinned);
  press('blink', pinned);
}

function press(which, on) {
  element.querySelector('.show-' + which).setAttribute('aria-pressed', String(on));
}

// ---- what there is to show

function relist() {
  const before = new Set(list.map(({ of }) => of));
  const current = item()?.of;
  list = props.list ?? [];
  const fresh = before.size ? list.findIndex(({ of }) => !before.has(of)) : 0;
  at = Math.max(fresh >= 0 ? fresh : list.findIndex(({ of }) => of === current), 0);
  const keys = new Set(list.map(({ key }) => key));
  for (const [key, slide] of slides) if (!keys.has(key)) forget(key, slide);
  draw();
  want();
}

function forget(key, slide) {
  for (const picture of ['gray', 'colour', 'truth']) if (slide[picture]) URL.revokeObjectURL(slide[picture].src);
  slides.delete(key);
}

function go(by) {
  if (!list.length) return;
  if (slides.get(item().key)?.error) slides.delete(item().key); // coming back tries again
  at = (at + by + list.length) % list.length;
  begun = null;
  held = pinned = false;
  blink();
  draw();
  want();
}

// The one on the stage first, then the next, so that it is there when it is wanted. One at a time: what a queue of
// wishes brings would be for photographs that were long passed over.
function want() {
  if (asking || !list.length) return;
  const next = [item(), list[(at + 1) % list.length]].find(({ key }) => !slides.has(key));
  if (!next) return;
  const n = ++asked;
  asking = { n, key: next.key, late: setTimeout(() => settle(n, { error: words().show_silent }), PATIENCE) };
  trigger('want', { key: next.key, n });
}

async function answer() {
  const { n, error, hinted, ...files } = props.slide ?? {};
  if (!asking || n !== asking.n) return;
  if (error) return settle(n, { error });
  try {
    const pictures = Object.entries(files).map(async ([part, file]) => [part, await fetched(file.url)]);
    const slide = { hinted, ...Object.fromEntries(await Promise.all(pictures)) };
    slide.copy = slide.gray.cloneNode();
    settle(n, slide);
  } catch {
    settle(n, { error: words().show_silent });
  }
}

async function fetched(url) {
  const response = await fetch(url);
  if (!response.ok) throw Error(response.statusText);
  const picture = new Image();
  picture.src = URL.createObjectURL(await response.blob());
  await picture.decode();
  return picture;
}

function settle(n, slide) {
  if (asking?.n !== n) return;
  clearTimeout(asking.late);
  if (list.some(({ key }) => key === asking.key)) slides.set(asking.key, slide);
  asking = null;
  draw();
  if (shown()) want();
}

// ---- by itself

function play(on) {
  if (playing === on) return;
  playing = on;
  begun = null;
  press('play', on);
  if (on) requestAnimationFrame(tick);
}

// From gray to colour, a while to look at it, and the next. Where motion is unwelcome, the divider stands still.
function tick(now) {
  if (!playing) return;
  if (!stage.isConnected || !shown()) return play(false);
  const slide = item() && slides.get(item().key);
  if (slide) {
    begun ??= now;
    const share = slide.error || still.matches ? 1 : Math.min((now - begun) / WIPE, 1);
    if (!slide.error) place(still.matches ? 50 : 50 + 50 * Math.cos(Math.PI * share));
    if (now - begun > (slide.error ? 0 : WIPE) + HOLD) go(1);
  }
  requestAnimationFrame(tick);
}

new ResizeObserver(() => fit()).observe(frame.parentElement);
watch('list', relist);
watch('slide', answer);
