// Runs once for each button on the page. `element` is its node, `props` its properties; `trigger` and `watch` are
// Gradio's.
const [root, copy, field, status] = ['', '-copy', '-field', '-status'].map((name) => element.querySelector('.link' + name));
let click = Date.now(); // its number; never the same twice, because Gradio drops an answer that repeats the last one
let outcome; // of the last link: a key of words

// The address of what the page shows. It keeps keys that are not ours. It names the language unless that is the
// browser's own: a visitor with another browser language gets that one.
function address() {
  const here = new URL(location);
  here.hash = '';
  for (const part of root.dataset.parts.split(' ')) here.searchParams.delete(part);
  for (const [part, value] of Object.entries(props.link.query)) here.searchParams.set(part, value);
  const language = document.documentElement.lang;
  if (navigator.language.toLowerCase().startsWith(language)) here.searchParams.delete('lang');
  else here.searchParams.set('lang', language);
  return here.href;
}

async function give() {
  if (props.link?.n !== click) return;
  field.value = address();
  field.hidden = false;
  history.replaceState(history.state, '', field.value + location.hash);
  try {
    await navigator.clipboard.writeText(field.value);
    outcome = 'link_copied';
  } catch {
    outcome = 'link_by_hand';
    field.focus();
    field.select();
  }
  report();
}

function report() {
  status.textContent = outcome ? [outcome, ...props.link.notes].map((key) => props.words[key]).join(' ') : '';
}

copy.addEventListener('click', () => {
  outcome = undefined;
  report();
  trigger('ask', { n: ++click });
});
field.addEventListener('focus', () => field.select());
watch('link', give);
watch('words', report);
