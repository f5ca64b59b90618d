// Runs once for each filmstrip on the page. `element` is its node, `props` its properties; `trigger` and `watch` are
// Gradio's.
const [section, strip] = ['.roll', '.roll-frames'].map((name) => element.querySelector(name));

function frame(photo) {
  const item = document.createElement('li');
  const open = Object.assign(document.createElement('button'), { type: 'button', className: 'roll-open' });
  open.append(Object.assign(document.createElement('img'), { loading: 'lazy', alt: '' }), document.createElement('span'));
  open.addEventListener('click', () => trigger('chosen', { key: photo.key }));
  const drop = Object.assign(document.createElement('button'), { type: 'button', className: 'roll-drop', textContent: '×' });
  drop.addEventListener('click', () => {
    const next = item.nextElementSibling ?? item.previousElementSibling;
    (next?.querySelector('.roll-drop') ?? strip).focus(); // the focus does not go with what it was on
    trigger('dropped', { key: photo.key });
  });
  item.append(open, drop);
  item.dataset.key = photo.key;
  return item;
}

function label(item, photo) {
  const [open, drop] = item.querySelectorAll('button');
  open.setAttribute('aria-label', [(props.words?.roll_open ?? '{name}').replace('{name}', photo.title), photo.unread].filter(Boolean).join('. '));
  drop.setAttribute('aria-label', (props.words?.roll_drop ?? '{name}').replace('{name}', photo.title));
  open.title = photo.unread || photo.title;
  open.querySelector('span').textContent = photo.unread || photo.title;
  open.classList.toggle('roll-unread', Boolean(photo.unread));
  const picture = open.querySelector('img');
  const address = photo.file?.url ?? '';
  if (address && picture.getAttribute('src') !== address) picture.src = address;
  open.classList.toggle('roll-blank', !address);
}

// What is there already stays: whoever goes along the strip is not disturbed.
function show() {
  const photos = props.value ?? [];
  const known = new Map([...strip.children].map((item) => [item.dataset.key, item]));
  const items = photos.map((photo) => known.get(photo.key) ?? frame(photo));
  for (const item of strip.children) if (!items.includes(item)) item.remove();
  items.forEach((item, i) => {
    if (strip.children[i] !== item) strip.insertBefore(item, strip.children[i] ?? null);
    label(item, photos[i]);
  });
  section.hidden = !photos.length;
  if (props.files) window.colorizerFiles?.(props.files);
}

watch('value', show);
watch('words', show);
show();
