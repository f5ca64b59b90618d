// Continues kept.js: what belongs to a photograph or to this tab of the browser beside the photographs themselves.

// The picture whose colours a photograph prefers.
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

// The secret of this tab of the browser, by which the server finds what it made of an album.
const [ALBUM, OPEN] = ['colorizer-album', 'colorizer-open']; // in the tab's own storage: that secret, and whether a page is open
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
// The files of this tab: those of the album, and those of the strip that are not among them.
const INPUTS = { album: '#many-files input[type=file]', strip: '#roll-row input[type=file]' };
const waiting = { album: [], strip: [] }; // files that the server does not list yet: they come back, or were chosen just now
const stored = { album: [], strip: [] }; // files that the browser keeps, and what was gone from them
const returning = new Set(); // whose files come back just now
const judged = { album: [], strip: [] }; // files that the server's next answer lists, or refuses

const among = (files, file) => files.some((each) => alike(file, each));
let had = { album: [], strip: [] };
let gone = []; // keys of photographs that the visitor removed from archives of the album
const removed = []; // files of the strip that the visitor removed
const inTurn = (what) => { turn = turn.then(() => back).then(what).catch(() => {}); };
// now: those that the server has, {name, size} of each.
window.colorizerFiles = (now) => inTurn(async () => {
  removed.push(...had.strip.filter((file) => !among([...now.strip, ...now.album], file)));
  had = now;
  if (now.album.length) gone = [...now.gone];
  for (const name of ['strip', 'album']) {
    const over = [...now[name], ...removed, ...judged[name].splice(0)];
    await keepFiles(name, waiting[name].filter((file) => !among(over, file)));
  }
});
async function keepFiles(name, further) {
  const known = [...Object.values(stored), ...Object.values(waiting), chosen].flat();
  if (!had[name].every((each) => among(known, each))) known.push(...(await all_works()).map(({ file }) => file).filter((file) => file instanceof File));
  waiting[name] = further;
  const files = [...had[name].map((each) => known.find((file) => alike(file, each))).filter(Boolean), ...further];
  if (files.length === stored[name].length && files.every((file) => stored[name].includes(file)) && stored[name].gone === `${gone}`) return;
  const [key, size] = [`${await window.colorizerAlbum()}-${name}`, files.reduce((sum, file) => sum + file.size, 0)];
  if (files.length) await keepIt({ key, files, gone, file: { size }, request: null });
  else await answer((await works('readwrite')).delete(key));
  stored[name] = Object.assign(files, { gone: `${gone}` });
}
function keepChosen(name, files) { inTurn(() => keepFiles(name, [...waiting[name], ...files])); }

// Whether files of the visitor are on their way to the server.
window.colorizerComing = () => back.then(() => Object.values(waiting).flat().length > 0);

// What is known of the photographs whose files come back.
window.colorizerKnown = async (name) => {
  judged[name] = waiting[name].filter((file) => among(chosen, file));
  if (!returning.delete(name)) return null;
  const known = (await all_works()).filter(({ request }) => request);
  return { gone, ...Object.fromEntries(await Promise.all(known.map(async (work) => {
    const request = await withReference(work);
    return [work.key, { request, made: work.made && { ...work.made, reference: request.reference } }];
  }))) };
};

const back = own.then(async () => {
  if (!coming) return;
  for (const name of ['strip', 'album']) ({ files: waiting[name] = [], gone = [] } = await answer((await works()).get(`${coming}-${name}`)) ?? {});
}).catch(() => {});
// One after the other: of two events that begin with the page, Gradio's client sometimes loses the second one's answer.
// Until the album's tab is open, its photographs are in the strip.
back.then(() => settled).then(async () => {
  const { strip, album } = waiting;
  const loose = tabHere() === 'many' ? [] : album.filter((file) => !among(strip, file));
  for (const [name, files] of [['strip', [...strip, ...loose]], ['album', album]]) {
    const stay = () => files.filter((file) => !among(removed, file));
    if (files.length) await give(INPUTS[name], stay, () => stay().length, () => { returning.add(name); });
  }
});
