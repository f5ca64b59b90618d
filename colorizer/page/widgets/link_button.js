// `element`, `props`, `trigger` and `watch` are Gradio's; see link_button.py.
const [root, copy, field, status] = ['', '-copy', '-field', '-status'].map((name) => element.querySelector('.link' + name));
let asked = Date.now(); // no two ever the same: Gradio tells of no answer that repeats the one before
let outcome; // what became of the last link: a key of words

// The address of what the page shows. What belongs to others stays in it; the language is named where it is not the
// browser's own, which everybody else has to themselves.
function address() {
  const here = new URL(location);
  for (const part of root.dataset.parts.split(' ')) here.searchParams.delete(part);
  for (const [part, value] of Object.entries(props.link.query)) here.searchParams.set(part, value);
  const language = document.documentElement.lang;
  if (navigator.language.toLowerCase().startsWith(language)) here.searchParams.delete('lang');
  else here.searchParams.set('lang', language);
  return here.href;
}

async function give() {
  if (props.link?.n !== asked) return;
  field.value = address();
  field.hidden = false;
  history.replaceState(history.state, '', field.value);
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
  trigger('ask', { n: ++asked });
});
field.addEventListener('focus', () => field.select());
watch('link', give);
watch('words', report);
