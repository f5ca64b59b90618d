// Runs once for each stage on the page. `element` is its node, `props` its properties; `trigger` and `watch` are
// Gradio's. Slides have keys; pictures from the server are kept as blobs.
const [stage, frame, divider, message, name, count, help, full, dark] = ['stage', 'frame', 'divider', 'message', 'name',
  'count', 'keys', 'full', 'dark'].map((part) => element.querySelector('.show-' + part));
const layers = Object.fromEntries(['gray', 'colour', 'truth'].map((part) => [part, element.querySelector('.show-' + part)]));
const captions = Object.fromEntries(['left', 'right', 'was'].map((part) => [part, element.querySelector(`.show-${part} b`)]));
const still = matchMedia('(prefers-reduced-motion: reduce)');
const IDLE = 3000, PATIENCE = 120000, WIPE = 7000, HOLD = 4000, LATE = 20000; // milliseconds

const slides = new Map(); // by key: { gray, colour, truth: <img>, hinted } or { error }
let list = [];
let at = 0; // which of the list is shown
let requestNumber = 0;
let request = null; // the request under way: { n, key, late }
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
  message.classList.toggle('show-wait', coming || (Boolean(item()) && !slide));
  message.textContent = coming ? '' : !item() ? words().show_empty
    : slide?.error ? filled(words().show_failed, { name: item().name, reason: slide.error }) + ' ' + (list.length > 1 ? words().show_go_on : '')
    : ready ? '' : filled(words().show_waiting, item());
  name.textContent = item()?.name ?? '';
  count.textContent = list.length ? filled(words().show_count, { number: at + 1, count: list.length }) : '';
  if (ready) dress(slide);
  stage.classList.toggle('show-empty', !item());
}

function dress(slide) {
  const { grayscale, original, in_colour, side_hinted, grayscale_alt, original_alt, in_colour_alt, side_hinted_alt } = words();
  const was = slide.truth ? [slide.truth, original_alt, original] : [slide.copy, grayscale_alt, grayscale];
  put(layers.gray, slide.gray, grayscale_alt);
  put(layers.colour, slide.colour, slide.hinted ? side_hinted_alt : in_colour_alt);
  put(layers.truth, was[0], was[1]);
  captions.left.textContent = grayscale;
  captions.right.textContent = slide.hinted ? side_hinted : in_colour;
  captions.was.textContent = was[2];
  const ratio = slide.gray.naturalWidth / slide.gray.naturalHeight;
  frame.style.setProperty('--ratio', ratio);
  frame.style.setProperty('--panes', slide.truth ? 3 : 2);
  frame.classList.toggle('show-two', !slide.truth);
  fit(ratio);
}

// Whether there is room for captions beside the picture, as there is beside a portrait on a projector's screen.
function fit(ratio = layers.gray.firstChild?.naturalWidth / layers.gray.firstChild?.naturalHeight) {
  const { clientWidth: width, clientHeight: height } = frame.parentElement;
  frame.classList.toggle('show-beside', !stage.classList.contains('show-triptych') && (width - height * ratio) / 2 > height * 0.42);
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

// The examples wait while the visitor's own photographs are on their way.
let late = 0;
let coming = false;
async function relist() {
  clearTimeout(late);
  coming = !props.own && Boolean(await window.colorizerComing?.()) && !props.own;
  if (!coming) return take();
  late = setTimeout(take, LATE);
  draw();
}

function take() {
  coming = false;
  const before = new Set(list.map(({ of }) => of));
  const current = item()?.of;
  list = props.list ?? [];
  const fresh = props.added && before.size ? list.findIndex(({ of }) => !before.has(of)) : -1;
  at = Math.max(fresh >= 0 ? fresh : list.findIndex(({ of }) => of === current), 0);
  const keys = new Set(list.map(({ key }) => key));
  for (const [key, slide] of slides) if (!keys.has(key)) forget(key, slide);
  draw();
  want();
}

function leaveOut(key) {
  const number = list.findIndex((photo) => photo.key === key);
  if (number < 0) return;
  list = list.toSpliced(number, 1);
  at = Math.min(number < at ? at - 1 : at, Math.max(list.length - 1, 0));
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

// Ask for the slide on the stage first, then for the next one, so that it is ready in time. One at a time: a queue of
// requests would bring slides that the visitor has already passed.
function want() {
  if (request || !list.length) return;
  const next = [item(), list[(at + 1) % list.length]].find(({ key }) => !slides.has(key));
  if (!next) return;
  const n = ++requestNumber;
  request = { n, key: next.key, late: setTimeout(() => settle(n, { error: words().show_silent }), PATIENCE) };
  trigger('want', { key: next.key, n });
}

async function answer() {
  const { n, error, unread, hinted, ...files } = props.slide ?? {};
  if (!request || n !== request.n) return;
  if (unread) leaveOut(request.key);
  if (error || unread) return settle(n, { error });
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
  if (request?.n !== n) return;
  clearTimeout(request.late);
  if (list.some(({ key }) => key === request.key)) slides.set(request.key, slide);
  request = null;
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

// Uncover the colours, wait a while, then go on. The divider does not move if the visitor prefers reduced motion.
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
