// The corrections one by one: colour, name, an eye, how far, a strength, a note.
const list = part('-list');
const home = document.querySelector('.corrections'); // beside the picture, where the page has a place for them
home?.querySelector('.picker-list')?.remove();
home?.append(list);
const EYE = 'M2 12c3-5 6.5-7 10-7s7 2 10 7c-3 5-6.5 7-10 7s-7-2-10-7zM12 9a3 3 0 1 0 0 6 3 3 0 0 0 0-6z';

function named({ name, shade, color }) {
  const colour = props.words?.['colour_' + (name ?? nearest(color))] ?? color;
  return shade === 'light' || shade === 'deep' ? filled('picker_' + shade, { colour }) : colour;
}

// The name of the nearest colour that has one.
function nearest(color) {
  const rgb = (hex) => [1, 3, 5].map((from) => parseInt(hex.slice(from, from + 2), 16));
  const [r, g, b] = rgb(color);
  let [best, least] = ['', Infinity];
  for (const [name, hex] of Object.entries(props.named ?? {})) {
    const [R, G, B] = rgb(hex);
    const distance = 3 * (r - R) ** 2 + 4 * (g - G) ** 2 + 2 * (b - B) ** 2;
    if (distance < least) [best, least] = [name, distance];
  }
  return best;
}

function drawList() {
  // A row is made anew when something changes; the keyboard stays where it was.
  const here = document.activeElement;
  const row = list.contains(here) ? [...list.children].indexOf(here.closest('li')) : -1;
  list.replaceChildren(...points().map(rowOf));
  list.hidden = points().length === 0;
  if (row >= 0) list.children[Math.min(row, list.children.length - 1)]?.querySelector('.' + here.className.split(' ')[0])?.focus();
}

function rowOf(point, i) {
  const number = i + 1;
  const row = make('li', 'picker-row' + (point.off ? ' picker-off' : ''));
  const labelled = (node, key) => { node.setAttribute('aria-label', filled(key, { number, colour: named(point) })); return node; };

  const thumb = labelled(make('button', 'picker-thumb', { textContent: number }), 'picker_row');
  thumb.style.setProperty('--dot', point.color);
  thumb.addEventListener('click', (event) => open(point, i, event.detail === 0));
  const name = make('span', 'picker-name', { textContent: named(point) });
  const reach = make('span', 'picker-far', { textContent: props.words?.[{ thing: 'picker_thing', picture: 'picker_whole' }[point.reach]] ?? '' });

  const eye = labelled(make('button', 'picker-eye'), 'picker_eye');
  eye.innerHTML = `<svg viewBox="0 0 24 24" aria-hidden="true"><path d="${EYE}"/>${point.off ? '<path d="M4 4l16 16"/>' : ''}</svg>`;
  eye.setAttribute('aria-pressed', String(!point.off));
  eye.addEventListener('click', () => say(changed(i, { off: !point.off })));

  const strength = make('label', 'picker-strong');
  const slider = labelled(make('input', 'picker-strength', { type: 'range', min: 0, max: 100, step: 5 }), 'picker_strength_of');
  slider.value = Math.round((point.strength ?? 1) * 100);
  slider.addEventListener('change', () => say(changed(i, { strength: slider.value / 100 })));
  strength.append(make('span', '', { textContent: filled('picker_strength') }), slider);

  const note = labelled(make('input', 'picker-note', { type: 'text', maxLength: MOST.note, placeholder: filled('picker_note') }), 'picker_note_of');
  note.value = point.note ?? '';
  note.addEventListener('change', () => say(changed(i, { note: note.value.trim() }), true));

  const away = labelled(make('button', 'picker-away', { textContent: '×' }), 'picker_take');
  away.addEventListener('click', () => { take(i); (list.children[Math.min(i, list.children.length - 1)]?.querySelector('.picker-away') ?? plane).focus(); });

  // Whose row it is can be seen in the picture.
  row.addEventListener('pointerenter', () => { if (!spot) look(path(point), i); });
  row.addEventListener('pointerleave', () => { if (!spot) hover(); });
  row.append(thumb, name, reach, eye, strength, note, away);
  return row;
}

start();
