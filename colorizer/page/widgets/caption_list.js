// Runs once for each list on the page. `element` is its node, `props` its properties; `trigger` and `watch` are Gradio's.
const [details, body] = ['.captions', '.captions tbody'].map((name) => element.querySelector(name));
const names = ['title', 'year', 'credit'];

function row(photo) {
  const line = document.createElement('tr');
  line.dataset.key = photo.key;
  const head = Object.assign(document.createElement('th'), { scope: 'row', textContent: photo.file });
  line.append(head, ...names.map((name) => {
    const cell = document.createElement('td');
    const input = document.createElement('input');
    input.dataset.name = name;
    input.maxLength = props.most?.[name] ?? 120;
    cell.append(input);
    return cell;
  }));
  return line;
}

function label(line, photo) {
  for (const input of line.querySelectorAll('input')) {
    const words = props.words ?? {};
    input.setAttribute('aria-label', (words.caption_of ?? '{what}: {name}')
      .replace('{what}', words[`caption_${input.dataset.name}`] ?? '').replace('{name}', photo.file));
    input.placeholder = words[`caption_${input.dataset.name}`] ?? '';
    if (input !== document.activeElement) input.value = photo[input.dataset.name];
  }
}

// Rows that are there stay, and so does what is being written in them.
function show() {
  const photos = props.value ?? [];
  const known = new Map([...body.rows].map((line) => [line.dataset.key, line]));
  const lines = photos.map((photo) => known.get(photo.key) ?? row(photo));
  for (const line of [...body.rows].slice(1)) if (!lines.includes(line)) line.remove();
  lines.forEach((line, i) => {
    if (body.rows[i + 1] !== line) body.insertBefore(line, body.rows[i + 1] ?? null);
    label(line, photos[i]);
  });
  details.hidden = !photos.length;
}

body.addEventListener('change', ({ target }) => {
  if (!target.dataset.name) return;
  trigger('written', { key: target.closest('tr').dataset.key, name: target.dataset.name, value: target.value });
});
watch('value', show);
watch('words', show);
show();
