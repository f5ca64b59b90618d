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
const ALBUM = 'colorizer-album'; // in the tab's own storage: the album's key, which is that secret
let coming = sessionStorage.getItem(ALBUM);
window.colorizerAlbum = () => {
  const secret = () => crypto.getRandomValues(new Uint8Array(16)).reduce((hex, byte) => hex + byte.toString(16).padStart(2, '0'), 'album-');
  if (!sessionStorage.getItem(ALBUM)) sessionStorage.setItem(ALBUM, secret());
  return sessionStorage.getItem(ALBUM);
};
window.colorizerKeepsAlbum = (files) => { if (!coming) turn = turn.then(() => keepAlbum(files ?? [])).catch(() => {}); };
async function keepAlbum(listed) {
  const key = window.colorizerAlbum();
  const known = (await answer((await works()).get(key)))?.files ?? [];
  const files = await Promise.all(listed.map(async ({ orig_name: name, size, url }) => {
    const file = known.find((each) => each.size === size && plain(each.name) === plain(name));
    return file ?? new File([await (await fetch(url)).blob()], name);
  }));
  await keepIt({ key, files, file: { size: files.reduce((sum, { size }) => sum + size, 0) }, request: null });
}
async function albumBack() {
  const album = coming && await answer((await works()).get(coming));
  if (album?.files.length) await give('#many-files input[type=file]', album.files);
  coming = undefined;
}
albumBack().catch(() => { coming = undefined; });
