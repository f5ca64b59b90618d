// Runs once on the page. `element` is its node, `props` its properties; `watch` is Gradio's.
const [section, list, all, status] = ['.kept', '.kept .film-frames', '.kept-all', '.kept-status'].map((name) => element.querySelector(name));
const ROOM = 500e6; // bytes that the browser keeps; then the oldest photograph goes
const HERE = 'colorizer-photo'; // in the tab's own storage: the key of the photograph that it shows
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
const all_works = async () => (await answer((await works()).getAll())).sort((a, b) => b.when - a.when);

// The files that were chosen last. The browser need not fetch them from the server to keep them.
let chosen = [];
const seen = (files) => { chosen = [...files, ...chosen].slice(0, 4); };
document.addEventListener('change', ({ target }) => { if (target.type === 'file' && target.closest('#photo')) seen(target.files); }, true);
document.addEventListener('drop', ({ target, dataTransfer }) => { if (target.closest?.('#photo')) seen(dataTransfer?.files ?? []); }, true);

const plain = (name) => name.replace(/[^\p{L}\p{N}.]/gu, ''); // the server leaves out some signs

// Browsers compute digests only for pages that came by HTTPS, or from this computer.
async function digest(file) {
  const bytes = new Uint8Array(await crypto.subtle?.digest('SHA-256', await file.arrayBuffer()) ?? []);
  return [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

async function fileOf(work) {
  for (const file of chosen) {
    if (file.size === work.size && plain(file.name) === plain(work.name) && (await digest(file)) === work.key) return file;
  }
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
  props.value = null;
  turn = turn.then(() => put(work)).catch(({ name }) => {
    if (name === 'QuotaExceededError') status.textContent = props.words.kept_not;
  }); // a browser that keeps nothing at all (a private window) works as before
}

async function put({ key, name, size, request, picture, ...rest }) {
  const known = await answer((await works()).get(key));
  const file = known?.file ?? await fileOf({ name, size, ...rest });
  if (!file) return;
  if (file.size > ROOM) throw new DOMException('', 'QuotaExceededError');
  const small = picture ? await smallPicture(picture.url) : known?.small;
  const kept = { key, name, file, small, request, when: Date.now() };
  const oldest = await tooMany(key, file.size);
  const store = await works('readwrite'); // one transaction: if there is no room for the new one, the old ones stay
  for (const each of oldest) store.delete(each);
  await answer(store.put(kept));
  if (oldest.length) status.textContent = props.words.kept_full;
  sessionStorage.setItem(HERE, key);
  await show();
}

async function tooMany(key, more) {
  let room = ROOM - more;
  const others = (await all_works()).filter((each) => each.key !== key);
  return others.filter((work) => (room -= work.file.size) < 0).map((work) => work.key);
}

async function forget(key) {
  await answer((await works('readwrite')).delete(key));
  if (sessionStorage.getItem(HERE) === key) sessionStorage.removeItem(HERE);
  await show();
}

// Gives a photograph to the page again, as if it were chosen; the server then shows it as `value` says.
let wanted; // the key of the photograph that is to come
async function goOn(key) {
  wanted = key;
  const work = await answer((await works()).get(key));
  if (!work) return sessionStorage.removeItem(HERE);
  const input = await photoInput();
  if (!input || wanted !== key) return;
  wanted = undefined;
  const transfer = new DataTransfer();
  transfer.items.add(new File([work.file], work.file.name, { type: /^image|zip/.test(work.file.type) ? work.file.type : 'image/unknown' }));
  props.value = { key: work.key, request: work.request };
  input.files = transfer.files;
  input.dispatchEvent(new Event('change', { bubbles: true }));
}

async function photoInput() {
  let input;
  for (let i = 0; i < 400 && !input; i++) { // Gradio builds the page meanwhile
    input = document.querySelector('#photo input[type=file]');
    if (!input) await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return input;
}

function item(work) {
  const node = document.createElement('li');
  const open = Object.assign(document.createElement('button'), { type: 'button', className: 'film-open', title: work.name });
  const picture = Object.assign(document.createElement('img'), { alt: '' });
  if (work.small) picture.src = URL.createObjectURL(work.small);
  picture.onload = picture.onerror = () => URL.revokeObjectURL(picture.src);
  open.append(picture, Object.assign(document.createElement('span'), { textContent: work.name }));
  open.setAttribute('aria-label', props.words.kept_open.replace('{name}', work.name));
  open.addEventListener('click', () => goOn(work.key));
  const drop = Object.assign(document.createElement('button'), { type: 'button', className: 'film-drop', textContent: '×' });
  drop.setAttribute('aria-label', props.words.kept_forget.replace('{name}', work.name));
  drop.addEventListener('click', () => { list.focus(); forget(work.key); });
  node.append(open, drop);
  return node;
}

async function show() {
  const found = await all_works();
  list.replaceChildren(...found.map(item));
  section.hidden = !found.length;
}

all.addEventListener('click', async () => {
  await answer((await works('readwrite')).clear());
  sessionStorage.removeItem(HERE);
  location.reload(); // the server forgets what belongs to the old page
});
document.addEventListener('click', ({ target }) => {
  // Whoever removes the photo does not want it back after a reload.
  if (!target.closest?.('#photo button')) return;
  wanted = undefined;
  sessionStorage.removeItem(HERE);
}, true);
watch('work', keep);
watch('words', show);
show().then(() => {
  const key = sessionStorage.getItem(HERE);
  if (key && !new URLSearchParams(location.search).has('example')) goOn(key);
}).catch(() => {});
