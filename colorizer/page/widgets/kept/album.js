// Continues kept.js: what belongs to a photograph or to this tab of the browser beside the photographs themselves.

// The picture whose colours a photograph prefers.
const REFERENCE = '#reference input[type=file]';
for (const kind of ['change', 'drop', 'click']) {
  document.addEventListener(kind, ({ target, dataTransfer }) => {
    const [reference] = (target.closest?.('#reference') && (target.files ?? dataTransfer?.files)) || [];
    if (giving || !(reference || target.closest?.('#reference [data-called="Remove Image"]'))) return;
    works('readwrite').then(async (store) => {
      const work = await workHere(store);
      if (work) await answer(store.put({ ...work, reference }));
    }).catch(() => {});
  }, true);
}

// The files of the album in this tab of the browser, and the secret by which the server finds what it made of them.
const [ALBUM, OPEN] = ['colorizer-album', 'colorizer-open']; // in the tab's own storage: the album's key, which is that secret, and whether a page is open
let coming = sessionStorage.getItem(ALBUM);
// A tab that is duplicated begins with a copy of the first one's storage. It brings the files back, as an album of its own:
// the first one is open, and has the lock.
const until_it_closes = () => new Promise(() => {});
const own = new Promise((resolve) => {
  if (!coming || !navigator.locks) return resolve();
  if (!sessionStorage.getItem(OPEN)) return resolve(void navigator.locks.request(coming, until_it_closes)); // a reload
  navigator.locks.request(coming, { ifAvailable: true }, (free) => {
    if (!free) sessionStorage.removeItem(ALBUM);
    resolve();
    return free && until_it_closes();
  });
});
const opened = () => sessionStorage.setItem(OPEN, '1');
opened();
addEventListener('pageshow', opened);
addEventListener('pagehide', () => sessionStorage.removeItem(OPEN));
window.colorizerAlbum = async () => {
  const secret = () => crypto.getRandomValues(new Uint8Array(16)).reduce((hex, byte) => hex + byte.toString(16).padStart(2, '0'), 'album-');
  await own;
  if (!sessionStorage.getItem(ALBUM)) {
    sessionStorage.setItem(ALBUM, secret());
    navigator.locks?.request(sessionStorage.getItem(ALBUM), until_it_closes);
  }
  return sessionStorage.getItem(ALBUM);
};
// Keeps the files of the album; of one that comes back, returns what is known of its photographs.
let returning = false;
window.colorizerKeepsAlbum = async (files) => {
  if (coming) return null;
  turn = turn.then(() => keepAlbum(files ?? [])).catch(() => {});
  if (!returning) return null;
  returning = false;
  const known = (await all_works()).filter(({ request, made }) => request && (made || request.points?.length));
  return Object.fromEntries(known.map(({ key, request, made }) => [key, { request, made }]));
};
async function keepAlbum(listed) {
  const key = await window.colorizerAlbum();
  const known = (await answer((await works()).get(key)))?.files ?? [];
  const files = await Promise.all(listed.map(async ({ orig_name: name, size, url }) => {
    const file = known.find((each) => each.size === size && plain(each.name) === plain(name));
    return file ?? new File([await (await fetch(url)).blob()], name);
  }));
  await keepIt({ key, files, file: { size: files.reduce((sum, { size }) => sum + size, 0) }, request: null });
}
async function albumBack() {
  await own;
  const album = coming && await answer((await works()).get(coming));
  if (album?.files.length) await give('#many-files input[type=file]', album.files, () => true, () => { returning = true; });
  coming = undefined;
}
albumBack().catch(() => { coming = undefined; });
