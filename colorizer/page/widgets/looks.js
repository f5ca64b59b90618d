// Runs once for each choice of looks. `element` is its node, `props` its properties; `trigger` and `watch` are Gradio's.
const group = element.querySelector('.looks');
const name = `looks-${Math.random().toString(36).slice(2)}`;

function choice(look) {
  const label = Object.assign(document.createElement('label'), { className: 'look' });
  const input = Object.assign(document.createElement('input'), { type: 'radio', name, value: look });
  input.addEventListener('change', () => {
    props.value = look;
    show();
    trigger('input');
  });
  label.append(input, Object.assign(document.createElement('img'), { alt: '' }), document.createElement('span'));
  return label;
}

// What is there already stays, so that the keyboard stays on it.
function show() {
  const pictures = new Map((props.looks ?? []).map(({ name: look, file }) => [look, file?.url]));
  if (!pictures.size) (props.names ?? []).filter((look) => look !== 'own').forEach((look) => pictures.set(look, '')); // their places, so that nothing jumps
  if (!pictures.has(props.value) && (props.names ?? []).includes(props.value)) pictures.set(props.value, '');
  const known = new Map([...group.children].map((node) => [node.querySelector('input').value, node]));
  const nodes = [...pictures.keys()].map((look) => known.get(look) ?? choice(look));
  for (const node of known.values()) if (!nodes.includes(node)) node.remove();
  nodes.forEach((node, i) => { if (group.children[i] !== node) group.insertBefore(node, group.children[i] ?? null); });
  for (const node of nodes) {
    const [input, picture, words] = ['input', 'img', 'span'].map((part) => node.querySelector(part));
    const url = pictures.get(input.value);
    input.checked = input.value === props.value;
    node.classList.toggle('selected', input.checked);
    node.classList.toggle('look-blank', !url);
    if (url && picture.getAttribute('src') !== url) picture.src = url;
    words.textContent = props.words?.['preset_' + input.value] ?? input.value;
  }
}

watch(['value', 'looks', 'words'], show);
show();
