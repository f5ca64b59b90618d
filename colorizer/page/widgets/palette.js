// Runs once for each palette on the page. `element` is its node, `props` its properties; `trigger` and `watch` are
// Gradio's.
const [root, list, add] = ['', '-colours', '-add'].map((name) => element.querySelector('.palette' + name));
const numbered = (key, i) => (props.words?.[key] ?? '').replace('{number}', i + 1);

function say(colours) {
  props.value = colours;
  draw();
  trigger('input');
}

function draw() {
  const colours = props.value ?? [];
  list.replaceChildren(...colours.map((colour, i) => {
    const chip = document.createElement('span');
    chip.className = 'palette-chip';
    const input = Object.assign(document.createElement('input'), { type: 'color', value: colour });
    input.setAttribute('aria-label', numbered('palette_colour', i));
    input.addEventListener('change', () => say(colours.map((old, j) => (i === j ? input.value : old))));
    const remove = Object.assign(document.createElement('button'), { type: 'button', textContent: '×' });
    remove.setAttribute('aria-label', numbered('palette_remove', i));
    remove.addEventListener('click', () => {
      say(colours.filter((_, j) => j !== i));
      (list.children[Math.min(i, colours.length - 2)]?.querySelector('button') ?? add).focus();
    });
    chip.append(input, remove);
    return chip;
  }));
  add.disabled = colours.length >= Number(root.dataset.most);
}

add.addEventListener('click', () => {
  say([...(props.value ?? []), '#8a6fa8']);
  list.lastElementChild.querySelector('input').focus();
});
watch('value', draw);
watch('words', draw);
draw();
