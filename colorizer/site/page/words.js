// Sentences in the visitor's language: files of `colorizer/page/i18n`, as far as this page says them.
const KEPT = 'colorizer-language';
export const words = {};

export function say(key, values = {}) {
  return (words[key] ?? '').replace(/\{(\w+)[^}]*\}/g, (_, blank) => values[blank]);
}

// A number of two decimals at most, as the language writes it.
export function decimal(value, least = 0) {
  const form = { minimumFractionDigits: least, maximumFractionDigits: 2 };
  return new Intl.NumberFormat(document.documentElement.lang, form).format(value);
}

export function wantedLanguage() {
  const wishes = [new URLSearchParams(location.search).get('lang'), remembered(), ...navigator.languages];
  return wishes.map((wish) => (wish ?? '').toLowerCase().split('-')[0]).find((code) => FACTS.languages.includes(code)) ?? 'en';
}

function remembered() {
  try { return localStorage.getItem(KEPT); } catch { return null; }
}

// Say everything on the page in a language.
export async function speak(language, chosen = false) {
  Object.assign(words, await (await fetch(`words/${language}.json`)).json());
  document.documentElement.lang = language;
  for (const node of document.querySelectorAll('[data-words]')) {
    for (const what of node.dataset.words.split(' ')) {
      const [key, where] = what.split('@');
      if (where) node.setAttribute(where, say(key));
      else node.textContent = say(key);
    }
  }
  if (!chosen) return;
  try { localStorage.setItem(KEPT, language); } catch { /* then it is not kept */ }
}
