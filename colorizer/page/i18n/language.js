// What a page in another language than English says first is not shown, unless the right words take too long.
(() => {
  const root = document.documentElement;
  let chosen = new URLSearchParams(location.search).get('lang');
  try { chosen ??= localStorage.getItem('colorizer-language'); } catch {}
  if (chosen ? chosen === 'en' : /^en/i.test(navigator.language)) return;
  root.classList.add('unspoken');
  setTimeout(() => root.classList.remove('unspoken'), 4000);
})();
// Called by the page when it speaks a language, at first and after every choice; see languages.py.
window.colorizerSpeaks = (language) => {
  document.documentElement.lang = language;
  document.documentElement.classList.remove('unspoken');
  // What was chosen holds after a reload, too.
  const here = new URL(location);
  if (here.searchParams.has('lang') && here.searchParams.get('lang') !== language) {
    here.searchParams.set('lang', language);
    history.replaceState(history.state, '', here);
  }
};
