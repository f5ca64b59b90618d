// Runs once for each slider that is mounted: `element` is its place on the page, `props` what it shows, and `trigger`
// and `watch` are Gradio's. A side is "gray", "original", "predicted", "hinted", or "system:" and a checkpoint's name.
const [figure, stage, before, after, divider] = ['.compare', '.compare-stage', '.compare-before',
  '.compare-after', 'input'].map((s) => element.querySelector(s));
const selects = [...element.querySelectorAll('select')];
const names = { left: element.querySelector('.compare-left b'), right: element.querySelector('.compare-right b') };
const pictures = { left: before, right: after };
const WORDS = { gray: 'grayscale', original: 'original', predicted: 'predicted', hinted: 'side_hinted' };
let pending = 0;
const system = (side) => (side.startsWith('system:') ? side.slice('system:'.length) : '');

const place = () => stage.style.setProperty('--at', divider.value + '%');

function options({ choices }) {
  const option = (side) => new Option(system(side) || props.words[WORDS[side]], side);
  const own = choices.filter((side) => !system(side)).map(option);
  const others = choices.filter(system).map(option);
  if (!others.length) return own;
  const group = Object.assign(document.createElement('optgroup'), { label: props.words.side_system });
  group.append(...others);
  return [...own, group];
}

// Two systems beside each other are told apart by their names.
function captionOf(side, shown) {
  const two = system(shown.left.side) || system(shown.right.side);
  const named = side === 'predicted' || side === 'hinted';
  return system(side) || props.words[WORDS[side]] + (two && named ? ' · ' + shown.checkpoint : '');
}

function show() {
  const { words, shown } = props;
  figure.hidden = !shown?.left;
  if (!shown?.left) return;
  clearTimeout(pending);
  figure.classList.remove('compare-busy');
  for (const select of selects) {
    const at = select.dataset.side;
    const { side, file } = shown[at];
    select.replaceChildren(...options(shown));
    const wish = props.value?.[at]; // not yet answered, it stays chosen
    select.value = wish && wish !== shown.wishes[at] && shown.choices.includes(wish) ? wish : side;
    names[at].textContent = captionOf(side, shown);
    pictures[at].alt = system(side) ? words.side_system_alt.replace('{name}', system(side)) : words[WORDS[side] + '_alt'];
    if (pictures[at].getAttribute('src') !== file.url) pictures[at].src = file.url;
  }
}

for (const select of selects) {
  select.addEventListener('change', () => {
    props.value = { ...props.value, [select.dataset.side]: select.value };
    figure.classList.add('compare-busy');
    clearTimeout(pending);
    pending = setTimeout(() => figure.classList.remove('compare-busy'), 30000); // an error says so elsewhere
    trigger('input');
  });
}
after.addEventListener('load', () => stage.style.setProperty('--ratio', after.naturalWidth / after.naturalHeight));
divider.addEventListener('input', place);
watch(['shown', 'words'], show);
show();
