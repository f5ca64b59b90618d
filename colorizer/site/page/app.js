// The page: a photograph comes in, is shown in colour, corrected, and saved.
import { host } from './host.js';
import { seenAt, swatchesOf } from './names.js';
import { ask, start } from './questions.js';
import { made, pageFile } from './saving.js';
import { address, at, chosen, dataAddress, factor, failed, lookOf, pickerProps, points, sides, state, tell } from './state.js';
import { hintPicker, looksOf, stageOf } from './widgets.js';
import { decimal, say, speak, wantedLanguage, words } from './words.js';

const [stage, saturation] = ['stage-box', 'saturation'].map(at);

// ---- widgets of the page

const toPicker = host(hintPicker, at('picker'), pickerProps, {
  input: () => refresh(),
  async place({ x, y, n }) {
    const { likely, L } = await ask('at', { places: [[x, y]], others: points() });
    const place = L >= FACTS.pale ? 'pale' : L <= FACTS.dark ? 'dark' : '';
    toPicker({ offer: { n, swatches: swatchesOf(L, likely), seen: seenAt(Math.round(L)), place } });
  },
  async look({ points: places, index, n }) {
    const { mask, size } = await ask('at', { places, others: points().filter((_, i) => i !== index) });
    toPicker({ region: { n, mask: await dataAddress(mask), grid: size } });
  },
});

const MODES = [['side', 'view_side'], ['compare', 'view_compare'], ['picture', 'view_hints']];
const stageProps = { value: 'side', words, modes: MODES, panes: [], sides: {}, says: 'download' };
let wanted = {}; // what the visitor chose at the divider
const toStage = host(stageOf, at('stage'), stageProps, {
  sides(both) { wanted = both; showSides(); },
  save: () => save('png'),
  give,
});

const looksProps = { value: FACTS.look, words, names: Object.keys(FACTS.looks), looks: [] };
const toLooks = host(looksOf, at('preset'), looksProps, {
  input() { choose(looksProps.value); refresh(); },
});

// A look sets the slider too.
function choose(name) {
  state.look = name;
  saturation.value = lookOf(name).saturation;
  showFactor();
}

function showFactor() { at('saturation-value').textContent = decimal(factor(), 2); }

const sideOf = (name) => ({ side: name, file: { url: state.urls[name] } });

function showPanes() {
  toStage({ panes: sides().map(sideOf) });
}

function showSides() {
  const { left = 'gray', right = 'predicted' } = wanted;
  const [one, other] = [left, right].map((name, i) => (sides().includes(name) ? name : ['gray', 'predicted'][i]));
  const about = { options: sides(), checkpoint: FACTS.checkpoint, chosen: { left: one, right: other } };
  toStage({ sides: { left: sideOf(one), right: sideOf(other), ...about } });
}

// ---- colours

let busy = false;
let again = false;

// Colour with what is chosen now; while that is under way, later wishes are one.
async function refresh() {
  if (busy) { again = true; return; }
  busy = true;
  stage.classList.add('busy');
  const { number } = state;
  try {
    const { picture, ring, doubt } = await ask('colour', { look: chosen(), points: points() });
    if (number === state.number) {
      const url = address('predicted', picture);
      showPanes();
      showSides();
      toPicker({ shown: { of: number, photo: { url }, uncertainty: { url: address('doubt', doubt) }, ring, hints: true, things: true } });
    }
  } catch (error) {
    failed(error);
  }
  busy = false;
  stage.classList.toggle('busy', again);
  if (again) { again = false; await refresh(); }
}

async function open(file) {
  if (!file) return;
  const number = ++state.number;
  const ready = await loaded.then(() => true, () => false);
  if (!ready) return; // what is wrong is said already
  tell('working');
  try {
    const { width, height, gray, original, colours, ours } = await ask('open', { file });
    if (number !== state.number) return;
    Object.assign(state, { name: file.name ?? '', size: [width, height], colours });
    address('gray', gray);
    address('original', original);
    toPicker({ value: [] });
    toLooks({ looks: [] }); // those of the photograph before
    document.body.classList.add('opened');
    at('work').hidden = false;
    at('start').hidden = true;
    await refresh();
    tell(ours ? 'error_photo_coloured' : '', { name: file.name ?? '' });
    at('work').scrollIntoView({ block: 'start' });
    await showLooks(number);
  } catch (error) {
    if (number === state.number) failed(error, file.name);
  }
}

// Small results to choose from, one after the other.
async function showLooks(number) {
  const pictures = [];
  for (const name of Object.keys(FACTS.looks)) {
    const { picture } = await ask('colour', { look: lookOf(name), points: [], small: true });
    if (number !== state.number) return;
    pictures.push({ name, file: { url: address(`look-${name}`, picture) } });
  }
  toLooks({ value: state.look, looks: pictures });
}

// ---- files

async function save(kind) {
  try {
    const file = kind === 'html' ? await pageFile() : await made(kind);
    const link = Object.assign(document.createElement('a'), { href: address('file', file), download: file.name });
    link.click();
    tell('export_done', { name: file.name });
  } catch (error) {
    failed(error);
  }
}

async function give() {
  try {
    const file = await made('jpg');
    tell();
    toStage({ given: { url: address('given', file), called: file.name } });
  } catch (error) {
    failed(error);
  }
}

// ---- the visitor

for (const id of ['choose', 'take']) at(id).addEventListener('change', ({ target }) => { open(target.files[0]); target.value = ''; });
for (const button of document.querySelectorAll('#examples button')) {
  button.addEventListener('click', async () => {
    const name = button.dataset.example;
    const answer = await fetch(`examples/${name}`).catch(() => null);
    if (answer?.ok) open(new File([await answer.blob()], name));
    else tell('site_failed');
  });
}
addEventListener('paste', ({ clipboardData }) => open([...(clipboardData?.files ?? [])].find((file) => file.type.startsWith('image/'))));
addEventListener('dragover', (event) => { event.preventDefault(); document.body.classList.add('dropping'); });
addEventListener('dragleave', ({ relatedTarget }) => { if (!relatedTarget) document.body.classList.remove('dropping'); });
addEventListener('drop', (event) => {
  event.preventDefault();
  document.body.classList.remove('dropping');
  open(event.dataTransfer.files[0]);
});
saturation.addEventListener('input', () => { showFactor(); refresh(); });
for (const kind of ['jpg', 'html']) at(`save-${kind}`).addEventListener('click', () => save(kind));
at('another').addEventListener('click', () => at('choose').click());
at('language').addEventListener('change', ({ target }) => talk(target.value, true));

async function talk(language, remembered) {
  at('language').value = language;
  await speak(language, remembered);
  document.title = say('title');
  showFactor();
  for (const tellWidget of [toPicker, toStage, toLooks]) tellWidget({ words });
}

// ---- the beginning

const dark = matchMedia('(prefers-color-scheme: dark)');
const darken = () => document.documentElement.classList.toggle('dark', dark.matches);
dark.addEventListener('change', darken);
darken();
choose(FACTS.look);
const loaded = begin();

// A service worker that keeps the files comes first, so that they are fetched once; the network comes through it.
async function begin() {
  await talk(wantedLanguage());
  if (!globalThis.OffscreenCanvas || !globalThis.CompressionStream) {
    tell('site_old');
    throw new Error('old');
  }
  const offline = kept().catch(() => null);
  await Promise.race([offline, new Promise((later) => { setTimeout(later, 4000); })]);
  start();
  try {
    await ask('load', {}, (share) => tell('site_loading', { percent: Math.round(100 * share) }));
  } catch (error) {
    tell('site_no_network');
    throw error;
  }
  tell();
  document.body.classList.add('ready');
  (await offline)?.postMessage('keep');
  quicken().catch(() => {}); // then it stays as it is
}

// The network on the GPU, for the next photographs; `?gpu=always` and `?gpu=never` decide for the visitor.
async function quicken() {
  const wish = new URLSearchParams(location.search).get('gpu');
  if (wish === 'never' || navigator.connection?.saveData) return;
  const { gpu } = await ask('quicken', { always: wish === 'always' });
  document.body.dataset.gpu = gpu;
}

async function kept() {
  if (!('serviceWorker' in navigator)) return null;
  await navigator.serviceWorker.register('service-worker.js');
  if (!navigator.serviceWorker.controller) {
    await new Promise((controlled) => { navigator.serviceWorker.addEventListener('controllerchange', controlled, { once: true }); });
  }
  return navigator.serviceWorker.controller;
}
loaded.catch(() => {}); // then no photograph is opened
