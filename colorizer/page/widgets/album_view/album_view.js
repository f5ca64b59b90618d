// Runs once for each grid on the page. `element` is its node, `props` its properties; `watch` is Gradio's.
const [grid, dialog, stage, colour, gray, slider, name, about] = ['.album-grid', 'dialog', '.album-stage',
  '.album-colour', '.album-gray', '.album-stage input', '.album-caption b', '.album-caption span']
  .map((s) => element.querySelector(s));
const [previous, next, close, correct] = ['previous', 'next', 'close', 'correct'].map((s) => element.querySelector('.album-' + s));
let shown = []; // the addresses of the photos that have tiles
let large = 0;

function tile(photo, number) {
  const item = document.createElement('li');
  const button = Object.assign(document.createElement('button'), { type: 'button', title: photo.name });
  const picture = Object.assign(document.createElement('img'), { loading: 'lazy', src: photo.small.url, alt: '' });
  picture.style.aspectRatio = photo.ratio;
  const caption = Object.assign(document.createElement('span'), { textContent: photo.name });
  button.append(picture, caption);
  button.addEventListener('click', () => {
    enlarge(number);
    dialog.showModal();
    slider.focus();
  });
  item.append(button);
  return item;
}

function label() {
  grid.querySelectorAll('button').forEach((button) => button.setAttribute('aria-label',
    (props.words?.many_enlarge ?? '{name}').replace('{name}', button.title)));
  colour.alt = props.words?.in_colour_alt ?? '';
  gray.alt = props.words?.grayscale_alt ?? '';
}

function enlarge(number) {
  const photos = props.value ?? [];
  const photo = photos[number];
  if (!photo) return;
  large = number;
  stage.style.setProperty('--ratio', photo.ratio);
  colour.src = photo.colour.url;
  gray.src = photo.gray.url;
  name.textContent = photo.name;
  about.textContent = photo.about;
  previous.disabled = number === 0;
  next.disabled = number === photos.length - 1;
  correct.hidden = !photo.key;
}

// Only new photographs are added: whoever looks at the others is not disturbed.
function show() {
  const photos = props.value ?? [];
  const addresses = photos.map((photo) => photo.small.url);
  if (!shown.every((address, i) => address === addresses[i])) {
    grid.replaceChildren();
    shown = [];
    if (dialog.open) dialog.close();
  }
  grid.append(...photos.slice(shown.length).map((photo, i) => tile(photo, shown.length + i)));
  shown = addresses;
  [...grid.children].forEach((item, i) => { // captions may have been written since
    item.querySelector('span').textContent = item.querySelector('button').title = photos[i].name;
  });
  grid.hidden = !photos.length;
  next.disabled = large >= photos.length - 1;
  label();
}

// A button that has just been used and can do no more would take the focus with it.
function step(by) {
  enlarge(large + by);
  if (document.activeElement === document.body || document.activeElement?.disabled) slider.focus();
}

previous.addEventListener('click', () => step(-1));
next.addEventListener('click', () => step(1));
close.addEventListener('click', () => dialog.close());
correct.addEventListener('click', () => {
  const { key } = props.value[large];
  dialog.close();
  trigger('correct', { key });
});
dialog.addEventListener('click', (event) => { if (event.target === dialog) dialog.close(); });
dialog.addEventListener('close', () => grid.children[large]?.querySelector('button').focus());
dialog.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const by = { n: 1, p: -1 }[event.key.toLowerCase()];
  if (by) step(by);
});
slider.addEventListener('input', () => stage.style.setProperty('--at', slider.value + '%'));
watch('value', show);
watch('words', label);
show();
