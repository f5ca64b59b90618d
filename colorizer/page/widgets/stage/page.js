// The stage on this page. Runs once for each. `element` is its node, `props` its properties; `trigger` and `watch` are
// Gradio's. A side is "gray", "original", "scanned", "coloured" (here, before), "predicted", "hinted", or "system:" and a
// checkpoint's name.
const WORDS = {
  gray: 'grayscale', original: 'original', scanned: 'as_scanned', coloured: 'as_coloured', predicted: 'in_colour', hinted: 'side_hinted',
};
const PANES = { gray: 'gray', predicted: 'colour', hinted: 'colour', original: 'truth', scanned: 'truth', coloured: 'truth' };
const words = () => props.words ?? {};
const system = (side) => (side.startsWith('system:') ? side.slice('system:'.length) : '');
const root = element.querySelector('.stage');
let wanted = {}; // what the visitor chose at the divider
let seen = ''; // the address of the photo's gray picture
let unsent = null; // the file that the browser shall share once the visitor asks again
let pending = 0;
const frame = element.closest('#stage-box') ?? root;

const stage = makeStage(root, {
  frame,
  onMode(mode) {
    props.value = mode;
    trigger('input');
  },
  onSides(chosen) {
    clearTimeout(pending);
    pending = setTimeout(() => root.classList.remove('stage-busy'), 30000); // an error is shown elsewhere
    wanted = { ...wanted, ...chosen };
    trigger('sides', wanted);
  },
  // A click on the colours is about what is there, if the picker takes it.
  onClick(id, place) {
    const asked = new CustomEvent('clicked', { detail: place, cancelable: true });
    if (id !== PANES.predicted || frame.dispatchEvent(asked)) return;
    props.value = 'picture';
    showModes();
    trigger('input');
  },
});

const filled = (key, values = {}) => (words()[key] ?? '').replace(/\{(\w+)\}/g, (_, blank) => values[blank]);
const drawMarks = makeMarks(frame, filled);
const [save, share, note] = ['save', 'share', 'note'].map(stage.find);
const alt = (side) => (system(side) ? words().side_system_alt?.replace('{name}', system(side)) : words()[WORDS[side] + '_alt']);

// Two checkpoints next to each other are named.
function caption(side, two, checkpoint) {
  const named = side === 'predicted' || side === 'hinted';
  return system(side) || (words()[WORDS[side]] ?? '') + (two && named ? ' · ' + checkpoint : '');
}

function showPanes() {
  const pictures = props.panes ?? [];
  const gray = pictures[0]?.file.url;
  if (gray && gray !== seen) {
    stage.zoom.to(1);
    comeIntoView();
  }
  seen = gray;
  stage.show(pictures.map(({ side, file }) => ({ id: PANES[side], url: file.url, caption: caption(side), alt: alt(side), hint: PANES[side] === PANES.predicted && words().stage_correct })));
  drawMarks(root.querySelector('#' + PANES.predicted + ' .stage-view'), gray && props.marks?.of?.url === gray ? props.marks.list : []);
  note.hidden = !pictures.length || pictures.some(({ side }) => PANES[side] === 'truth');
  save.disabled = share.disabled = !pictures.length;
}

// On a phone what a visitor chose at the foot of the page appears at its top.
function comeIntoView() {
  const box = element.closest('#stage-box');
  if (!box || innerWidth > 800) return;
  requestAnimationFrame(() => {
    const { top } = box.getBoundingClientRect();
    if (top < 0 || top > innerHeight * 0.5) box.scrollIntoView({ block: 'start' });
  });
}

function showSides() {
  const { left, right, options, checkpoint, chosen = {} } = props.sides ?? {};
  if (!left) return;
  clearTimeout(pending);
  const two = system(left.side) || system(right.side);
  const picture = ({ side, file }) => ({ id: side, url: file.url, caption: caption(side, two, checkpoint), alt: alt(side) });
  const option = (side) => ({ id: side, name: system(side) || words()[WORDS[side]], group: system(side) && words().side_system });
  const late = Object.entries(wanted).filter(([at, side]) => side !== chosen[at] && options.includes(side));
  stage.divide({ left: picture(left), right: picture(right), options: options.map(option), chosen: Object.fromEntries(late) });
}

function showModes() {
  stage.offer((props.modes ?? []).map(([name, key]) => [name, words()[key] ?? '']), props.value);
}

// ---- saving and sharing

save.addEventListener('click', () => trigger('save'));
const said = () => { save.querySelector('span').textContent = words()[props.says ?? 'download'] ?? ''; };

// Browsers share only for a moment after a press; if the file took longer, the next press shares it.
async function give(file) {
  try {
    await navigator.share({ files: [file], title: file.name });
    unsent = null;
  } catch (error) {
    unsent = error.name === 'NotAllowedError' ? file : null;
  }
  share.classList.toggle('stage-ready', Boolean(unsent));
}

async function receive() {
  const { url, called } = props.given ?? {};
  if (!url) return;
  const blob = await (await fetch(url)).blob();
  await give(new File([blob], called ?? decodeURIComponent(url.split('/').pop()), { type: blob.type }));
}

share.hidden = !navigator.canShare?.({ files: [new File([''], 'photo.png', { type: 'image/png' })] });
share.addEventListener('click', () => (unsent ? give(unsent) : trigger('give')));

watch('marks', showPanes);
watch('panes', () => { unsent = null; showPanes(); });
watch('sides', showSides);
watch(['modes', 'value'], showModes);
watch('says', said);
watch('given', receive);
watch('words', () => { showModes(); showPanes(); showSides(); said(); });
showModes();
showPanes();
showSides();
said();
