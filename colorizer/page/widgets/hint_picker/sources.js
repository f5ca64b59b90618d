// Colours from pictures: from a place in this one, or in another, which stays on the visitor's computer.
const [fromHere, another, otherBox] = ['-from', '-another', '-other'].map(part);
const [otherCanvas, otherFile] = ['canvas', 'input'].map((kind) => otherBox.querySelector(kind));
const otherAt = { x: 0.5, y: 0.5 };
let picking = false; // whether the next click on the picture takes its colour
let otherPicture = null;

// The mean colour around a place of a picture.
function colourAt(picture, { x, y }, around = 2) {
  const [width, height] = [picture.naturalWidth ?? picture.width, picture.naturalHeight ?? picture.height];
  const side = 2 * around + 1;
  const context = new OffscreenCanvas(side, side).getContext('2d');
  const [left, top] = [x * width, y * height].map((place) => Math.floor(place) - around);
  context.drawImage(picture, -Math.max(0, Math.min(left, width - side)), -Math.max(0, Math.min(top, height - side)));
  const { data } = context.getImageData(0, 0, Math.min(side, width), Math.min(side, height));
  const mean = [0, 1, 2].map((channel) => {
    let sum = 0;
    for (let i = channel; i < data.length; i += 4) sum += data[i];
    return Math.round((4 * sum) / data.length);
  });
  return '#' + mean.map((level) => level.toString(16).padStart(2, '0')).join('');
}

function stopPicking() {
  picking = false;
  fromHere.setAttribute('aria-pressed', 'false');
  root.classList.remove('picker-picking');
}

fromHere.addEventListener('click', (event) => {
  if (picking) return stopPicking();
  if (uncertain.getAttribute('aria-pressed') === 'true') uncertain.click(); // its colours are no photograph's
  picking = true;
  fromHere.setAttribute('aria-pressed', 'true');
  root.classList.add('picker-picking');
  word.textContent = filled('picker_picking');
  if (event.detail === 0) plane.focus();
});

function pickHere(place) {
  stopPicking();
  choose({ color: colourAt(photo, place) });
}

// ---- another picture

function showOther(picture) {
  otherPicture = picture;
  otherCanvas.hidden = !picture;
  if (!picture) return;
  const scale = Math.min(280 / picture.width, 220 / picture.height, 1);
  Object.assign(otherCanvas, { width: Math.max(1, picture.width * scale), height: Math.max(1, picture.height * scale) });
  drawOther();
  settle();
}

function drawOther() {
  const context = otherCanvas.getContext('2d');
  context.drawImage(otherPicture, 0, 0, otherCanvas.width, otherCanvas.height);
  if (document.activeElement !== otherCanvas) return;
  const [x, y] = [otherAt.x * otherCanvas.width, otherAt.y * otherCanvas.height];
  for (const [strokeStyle, lineWidth] of [['#000', 4], ['#fff', 2]]) {
    Object.assign(context, { strokeStyle, lineWidth });
    context.stroke(new Path2D(`M${x - 9} ${y}h18M${x} ${y - 9}v18`));
  }
}

async function load(address) {
  const picture = new Image();
  picture.src = address;
  try {
    await picture.decode();
    showOther(await createImageBitmap(picture, { imageOrientation: 'from-image' }));
  } catch {
    showOther(null);
    word.textContent = filled('picker_unreadable');
  }
}

another.addEventListener('click', () => {
  otherBox.hidden = !otherBox.hidden;
  another.setAttribute('aria-expanded', String(!otherBox.hidden));
  if (!otherBox.hidden && !otherPicture && props.shown?.other) load(props.shown.other.url);
  settle();
});
otherFile.addEventListener('change', async () => {
  const [file] = otherFile.files;
  if (!file) return;
  const address = URL.createObjectURL(file);
  await load(address);
  URL.revokeObjectURL(address);
  otherFile.value = '';
});
const overOther = ({ clientX, clientY }) => {
  const box = otherCanvas.getBoundingClientRect();
  return { x: within((clientX - box.left) / box.width), y: within((clientY - box.top) / box.height) };
};
otherCanvas.addEventListener('pointermove', (event) => dip(colourAt(otherPicture, overOther(event))));
otherCanvas.addEventListener('pointerleave', () => { if (spot) untint(); });
otherCanvas.addEventListener('click', (event) => choose({ color: colourAt(otherPicture, overOther(event)) }));
otherCanvas.addEventListener('keydown', (event) => {
  const step = event.shiftKey ? 0.1 : 0.02;
  const move = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
  if (event.key === 'Enter' || event.key === ' ') choose({ color: colourAt(otherPicture, otherAt) });
  else if (!move) return;
  else {
    Object.assign(otherAt, { x: within(otherAt.x + move[0] * step), y: within(otherAt.y + move[1] * step) });
    drawOther();
    dip(colourAt(otherPicture, otherAt));
  }
  event.preventDefault();
});
for (const kind of ['focus', 'blur']) otherCanvas.addEventListener(kind, () => { if (otherPicture) drawOther(); });

// The colours of the palette that the photo is coloured with.
function offerOthers() {
  const palette = props.shown?.palette ?? [];
  chips.hidden = palette.length === 0;
  chips.replaceChildren(...palette.map((color) => {
    const chip = trying(make('button', 'picker-shade', { title: named({ color }) }), { color });
    chip.setAttribute('aria-label', chip.title);
    chip.style.background = color;
    return chip;
  }));
}
