// The page arrives in English. If it is to be in another language, hide it until the translation is there, or 4 seconds.
(() => {
  const root = document.documentElement;
  let chosen = new URLSearchParams(location.search).get('lang');
  try { chosen ??= localStorage.getItem('colorizer-language'); } catch {}
  if (chosen ? chosen === 'en' : /^en/i.test(navigator.language)) return;
  root.classList.add('unspoken');
  setTimeout(() => root.classList.remove('unspoken'), 4000);
})();
// The page calls this when it is in a language: at first, and after every choice. See language.py.
window.colorizerSpeaks = (language) => {
  document.documentElement.lang = language;
  document.documentElement.classList.remove('unspoken');
  // Keep the choice after a reload.
  const here = new URL(location);
  if (here.searchParams.has('lang') && here.searchParams.get('lang') !== language) {
    here.searchParams.set('lang', language);
    history.replaceState(history.state, '', here);
  }
};
