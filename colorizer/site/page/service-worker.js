// Keeps every file of the site, so that it works without a network after the first visit. VERSION, FILES and POLICY come before
// this; another version has another cache, and takes over once no page of the one before is open.
const NAME = `colorizer-${VERSION}`;
const LARGE = /\.(onnx|wasm|jpg)$/; // kept when they are first asked for: the page shows how far that is
const RARE = /\.jspi\./; // the same, and not asked for by browsers without a GPU

const fresh = (file) => new Request(file, { cache: 'no-cache' }); // a browser's own cache may hold another version

self.addEventListener('install', (event) => {
  event.waitUntil((async () => {
    const before = (await caches.keys()).some((name) => name.startsWith('colorizer-') && name !== NAME);
    const cache = await caches.open(NAME);
    await cache.addAll(FILES.filter((file) => !RARE.test(file) && (before || !LARGE.test(file))).map(fresh)); // then a new version is whole
  })());
});

self.addEventListener('activate', (event) => {
  event.waitUntil((async () => {
    for (const name of await caches.keys()) if (name.startsWith('colorizer-') && name !== NAME) await caches.delete(name);
    await self.clients.claim();
  })());
});

self.addEventListener('message', (event) => {
  if (event.data === 'keep') event.waitUntil(keepAll());
});

async function keepAll() {
  const cache = await caches.open(NAME);
  for (const file of FILES) if (!RARE.test(file) && !(await cache.match(file))) await cache.add(fresh(file));
}

self.addEventListener('fetch', (event) => {
  const { pathname } = new URL(event.request.url);
  const here = new URL(self.registration.scope).pathname;
  const name = pathname.startsWith(here) ? pathname.slice(here.length) : undefined;
  const file = name === '' || name === 'index.html' ? './' : name;
  if (event.request.method === 'GET' && FILES.includes(file)) event.respondWith(answer(event, file));
});

async function answer(event, file) {
  const cache = await caches.open(NAME);
  const kept = await cache.match(file);
  if (kept) return protectedAnswer(kept);
  const found = await fetch(fresh(file));
  if (found.ok) event.waitUntil(cache.put(file, found.clone()).catch(() => {})); // there may be no room
  return protectedAnswer(found);
}

// The page's policy holds for its worker too, and the page may have threads, whatever headers the host sends.
function protectedAnswer(answer) {
  const headers = new Headers(answer.headers);
  headers.set('Content-Security-Policy', POLICY);
  headers.set('Cross-Origin-Opener-Policy', 'same-origin');
  headers.set('Cross-Origin-Embedder-Policy', 'require-corp');
  return new Response(answer.body, { status: answer.status, statusText: answer.statusText, headers });
}
