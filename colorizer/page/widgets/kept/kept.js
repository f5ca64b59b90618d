// Runs once on the page. `element` is its node, `props` its properties; `watch` is Gradio's.
const [section, list, all, status] = ['.kept', '.kept .roll-frames', '.kept-all', '.kept-status'].map((name) => element.querySelector(name));
const ROOM = 500e6; // bytes that the browser keeps; then the oldest photograph goes
const LETTERS = 16; // of a key, in the address
const SMALL = 208; // pixels across a small picture

const answer = (request) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});
const database = new Promise((resolve, reject) => {
  const request = indexedDB.open('colorizer', 1);
  request.onupgradeneeded = () => request.result.createObjectStore('works', { keyPath: 'key' });
  answer(request).then(resolve, reject);
});
const works = async (mode = 'readonly') => (await database).transaction('works', mode).objectStore('works');
const all_works = async (store) => (await answer((store ?? await works()).getAll())).sort((a, b) => b.when - a.when);

// The address says which photograph the page shows, so that Back leads to the one before, and a reload to the same.
const here = () => /^#photo=(\w+)$/.exec(location.hash)?.[1] ?? '';
const isHere = (key) => Boolean(key) && key.startsWith(here() || '-');
const place = () => (new URLSearchParams(location.search).get('example') ?? '') + location.hash;
let shown = place(); // what of the address the page follows
let joins = false; // whether the photograph to come belongs to the step in the history that opened its tab
function goTo(query, hash) {
  const address = new URL(location);
  address.searchParams.delete('example');
  for (const [name, value] of Object.entries(query)) address.searchParams.set(name, value);
  address.hash = hash;
  if (address.href !== location.href) history[joins ? 'replaceState' : 'pushState'](null, '', address);
  [shown, joins] = [place(), false];
}
// The one that is shown. Its key is all that is read of the others.
const workHere = (store) => here() && answer(store.get(IDBKeyRange.bound(here(), `${here()}~`)));
const show_here = (key) => { if (!isHere(key)) goTo({}, `photo=${key.slice(0, LETTERS)}`); };
const exampleOf = (button) => decodeURIComponent(button.querySelector('img')?.src ?? '').match(/([^/]+)\.\w+$/)?.[1];

// The files that were chosen, the last ones first. The browser need not fetch them from the server to keep them; it keeps
// the last photograph before the server has seen it.
let chosen = [];
let last; // the photograph among them
let giving = false; // whether the page itself chooses one
const ofAlbums = (name) => section.dataset.albums.split(' ').some((suffix) => name.toLowerCase().endsWith(suffix));
function seen(files, target) {
  chosen = [...files, ...chosen];
  const [file] = files;
  const isPhoto = target.closest?.('#photo');
  if (!file) return;
  if (isPhoto) last = file;
  if (giving) return;
  if (target.closest?.('#roll-row, input:has(+ #show-add)')) return keepChosen('strip', [...files]);
  if (isPhoto ? ofAlbums(file.name) : target.closest?.('#many-files')) return keepChosen('album', [...files]);
  if (!isPhoto) return;
  props.value = null;
  turn = turn.then(() => last === file && hold(file)).catch(() => {});
}
document.addEventListener('change', ({ target }) => { if (target.type === 'file') seen(target.files, target); }, true);
document.addEventListener('drop', ({ target, dataTransfer }) => { seen(dataTransfer?.files ?? [], target); }, true);

let asked = []; // keys of the photographs that the visitor gave to this page, the last one first
let held; // the key of a photograph that the server did not answer yet
async function hold(file) {
  const key = await digest(file);
  if (!key || file.size > ROOM) return;
  if (held && held !== key) (await works('readwrite')).delete(held);
  held = undefined;
  if (!(await answer((await works()).get(key)))) {
    const before = await workHere(await works());
    const last = before?.request ?? before?.wish; // a new photograph is shown with the settings of the one before
    const wish = last && { ...last, points: [], view: 'side', form: { ...last.form, invert: false } };
    await answer((await works('readwrite')).put({ key, name: file.name, file, request: null, wish, when: Date.now() }));
    held = key;
  }
  asked = [key, ...asked];
  show_here(key);
}

const plain = (name) => name.replace(/[^\p{L}\p{N}.]/gu, ''); // the server leaves out some signs
const alike = (file, { name, size }) => file.size === size && plain(file.name) === plain(name);

// Browsers compute digests only for pages that came by HTTPS, or from this computer.
async function digest(file) {
  const bytes = new Uint8Array(await crypto.subtle?.digest('SHA-256', await file.arrayBuffer()) ?? []);
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

async function fileOf(work) {
  for (const file of chosen) if (alike(file, work) && (await digest(file)) === work.key) return file;
  const blob = await (await fetch(work.file.url)).blob();
  return blob.size === work.size ? new File([blob], work.name, { type: blob.type }) : undefined;
}

async function smallPicture(address) {
  const picture = await createImageBitmap(await (await fetch(address)).blob());
  const scale = Math.min(1, SMALL / Math.min(picture.width, picture.height));
  const canvas = Object.assign(document.createElement('canvas'), { width: picture.width * scale, height: picture.height * scale });
  canvas.getContext('2d').drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  return new Promise((resolve) => canvas.toBlob(resolve, 'image/jpeg', 0.85));
}

// Keeps what the server says the page shows, one after the other.
let turn = Promise.resolve();
function keep() {
  const work = props.work;
  if (!work) return;
  arrived();
  props.value = null;
  if (!asked.includes(work.key)) wanted = undefined; // it came from elsewhere
  turn = turn.then(() => put(work)).catch(({ name }) => {
    if (name === 'QuotaExceededError') status.textContent = props.words.kept_not;
  }); // a browser that keeps nothing at all (a private window) works as before
}

async function put({ key, name, size, request, made, picture, ...rest }) {
  const before = await answer((await works()).get(key));
  const file = before?.file ?? await fileOf({ name, size, ...rest });
  if (!file) return;
  await keepIt({ key, name, file, made, path: rest.file.path }, (known) => {
    if (!known?.request || !amended.has(key)) return { request };
    return { request: { ...known.request, form: { ...known.request.form, partial: request.form.partial } } };
  });
  if (picture) await keepIt({ key, file, small: await smallPicture(picture.url) }); // later, as the page may be left at once
  if (held === key) held = undefined;
  if (!asked.includes(key) || asked[0] === key) show_here(key); // else it is a late answer about the photograph before
  await show();
}

// more: what else to keep, given what is known by then.
async function keepIt(work, more = () => ({})) {
  if (work.file.size > ROOM) throw new DOMException('', 'QuotaExceededError');
  const store = await works('readwrite'); // one transaction: if there is no room for the new one, the old ones stay
  const all = await all_works(store);
  const known = all.find(({ key }) => key === work.key);
  let room = ROOM - work.file.size;
  const oldest = all.filter((each) => each !== known && (room -= each.file.size) < 0);
  for (const { key } of oldest) store.delete(key);
  await answer(store.put({ ...known, ...work, ...more(known), when: Date.now() }));
  if (oldest.length) status.textContent = props.words.kept_full;
}

// What the visitor asks for, before the server answers; its answers may be to what was asked before. While an earlier
// photograph comes back, the page does not have all of its settings yet.
const amended = new Set();
const [numbers, form] = ['numbers', 'form'].map((name) => section.dataset[name].split(' '));
const ticks = JSON.parse(section.dataset.ticks); // what some checkboxes stand for
window.colorizerKeeps = (said) => {
  if (!props.value && !wanted && here()) amend(JSON.parse(JSON.stringify(said))).catch(() => {}); // Gradio's own objects cannot be kept
};
async function amend({ photo_box: photo, checkpoint, preset, raw, view, like, palette, points, ...said }) {
  const store = await works('readwrite');
  const work = await workHere(store);
  const chosen = photo?.size === work?.file.size && plain(photo?.orig_name ?? '') === plain(work?.name ?? '');
  if (!work || (!chosen && photo?.path !== work.path)) return; // the server says no size of what it gave itself
  const meant = (name) => ticks[name]?.[Number(said[name])] ?? said[name];
  const some = (names) => Object.fromEntries(names.filter((name) => name in said).map((name) => [name, meant(name)]));
  work.request = {
    checkpoint, preset, raw, view, like, palette, points,
    numbers: some(numbers), form: { ...work.request?.form, ...some(form) },
  };
  await answer(store.put(work));
  amended.add(work.key);
}

async function forget(key) {
  await answer((await works('readwrite')).delete(key));
  if (isHere(key)) goTo({}, '');
  await show();
}

// Gives a photograph to the page again, as if it were chosen; the server then shows it as `value` says. It is not sent
// where the server still has it.
let wanted; // the key of the photograph that is to come
let arrived = () => {}; // says that the server answered a photograph
const LATE = 20e3; // ms; the server may give no answer to a photograph that it cannot read
async function goOn(key) {
  wanted = key;
  asked = [key, ...asked];
  const work = await answer((await works()).get(key));
  if (!work) return;
  show_here(key);
  const [request, there] = await Promise.all([withReference(work), isThere(work.path)]);
  await give('#photo input[type=file]', () => [work.file], () => wanted === key, () => {
    wanted = undefined;
    amended.delete(key);
    if (!work.request) held = key;
    props.value = { key: work.key, request };
    if (there) {
      window.colorizerWorks?.(true);
      trigger('taken', { ...props.value, path: work.path });
    }
    return there;
  });
}
async function isThere(path) {
  try { return Boolean(path) && (await fetch(`gradio_api/file=${encodeURI(path)}`, { method: 'HEAD' })).ok; } catch { return false; }
}

// What was asked for a photograph. The picture whose colours it prefers is sent to the server, and its path is said.
async function withReference({ request, wish, reference }) {
  const asked = request ?? wish;
  if (!reference || asked?.like !== 'picture') return asked;
  try {
    const body = new FormData();
    body.append('files', reference, reference.name);
    const [path] = await (await fetch('gradio_api/upload', { method: 'POST', body })).json();
    return { ...asked, reference: path };
  } catch { return asked; }
}

const tabHere = () => new URLSearchParams(location.search).get('tab') ?? 'one';
// Gives files to an input, as if they were chosen, once its tab is the one in the address: Gradio loses what the server
// says of a tab that is hidden.
async function give(selector, choose, still = () => true, first = () => false) {
  const ready = (input) => {
    const [panel, tab] = [input?.closest('[role=tabpanel]'), document.querySelector('[role=tab][aria-selected=true]')];
    return input && (!panel || (panel.offsetParent && tab?.dataset.tabId === tabHere()));
  };
  let input;
  for (let times = 0; times < 3; times = ready(input = document.querySelector(selector)) ? times + 1 : 0) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    if (!still()) return;
  }
  if (first()) return;
  const transfer = new DataTransfer();
  for (const file of choose()) {
    transfer.items.add(new File([file], file.name, { type: /^image|zip/.test(file.type) ? file.type : 'image/unknown' }));
  }
  input.files = transfer.files;
  giving = true;
  input.dispatchEvent(new Event('change', { bubbles: true }));
  giving = false;
}

function item(work) {
  const node = document.createElement('li');
  const open = Object.assign(document.createElement('button'), { type: 'button', className: 'roll-open', title: work.name });
  const picture = Object.assign(document.createElement('img'), { alt: '' });
  if (work.small) picture.src = URL.createObjectURL(work.small);
  picture.onload = picture.onerror = () => URL.revokeObjectURL(picture.src);
  open.append(picture, Object.assign(document.createElement('span'), { textContent: work.name }));
  open.setAttribute('aria-label', props.words.kept_open.replace('{name}', work.name));
  open.addEventListener('click', () => goOn(work.key));
  const drop = Object.assign(document.createElement('button'), { type: 'button', className: 'roll-drop', textContent: '×' });
  drop.setAttribute('aria-label', props.words.kept_forget.replace('{name}', work.name));
  drop.addEventListener('click', () => { list.focus(); forget(work.key); });
  node.append(open, drop);
  return node;
}

async function show() {
  const found = (await all_works()).filter(({ request }) => request);
  list.replaceChildren(...found.map(item));
  section.hidden = !found.length;
}

all.addEventListener('click', async () => {
  const names = (await all_works()).map(({ name }) => name).filter(Boolean);
  if (!confirm([props.words.kept_forget_all, ...new Set(names)].join('\n'))) return;
  await answer((await works('readwrite')).clear());
  sessionStorage.removeItem(ALBUM);
  goTo({}, '');
  location.reload(); // the server forgets what belongs to the old page
});

// Whoever removes the photo does not want it back after a reload.
const REMOVES = '#photo [data-called="Remove Image"]';
document.addEventListener('click', ({ target, isTrusted }) => {
  const example = target.closest?.('#examples button');
  if (target.closest?.('#roll .roll-open, .album-correct')) [asked, wanted, joins] = [[], undefined, /[?&]tab=/.test(location.search)];
  if (example && isTrusted) goTo({ example: exampleOf(example) }, '');
  if (!target.closest?.(REMOVES)) return;
  wanted = undefined;
  asked = ['', ...asked]; // a late answer about the photograph does not bring it back into the address
  if (isTrusted) goTo({}, '');
}, true);
async function follow() {
  const example = new URLSearchParams(location.search).get('example');
  const work = await workHere(await works());
  if (work) return goOn(work.key);
  const node = example ? [...document.querySelectorAll('#examples button')].find((button) => exampleOf(button) === example)
    : document.querySelector(REMOVES);
  node?.click();
}
addEventListener('popstate', () => {
  if (place() === shown) return; // from one tab to another
  shown = place();
  asked = ['', ...asked]; // a late answer about the photograph before does not take the address back
  follow().catch(() => {});
});
watch('work', keep);
watch('words', show);
// The photograph of the address is on the page, or will not come yet.
const settled = show().then(async () => {
  if (!here()) return;
  const answered = new Promise((resolve) => { arrived = resolve; setTimeout(resolve, LATE); });
  follow().catch(() => {});
  if (tabHere() === 'one') await answered;
}).catch(() => {});
