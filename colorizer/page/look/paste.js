// What is a picture, the server decides by a file's bytes. Browsers give many no type (.HEIC, .jpx, names without a suffix),
// and Gradio takes none but images, so every file that is chosen, dropped or pasted for a photo passes for one here.
const [PHOTO, FILES] = ['.photo, .reference', '.photo, .reference, #many-files'];
const typed = (file) => file.type.startsWith('image/');

function asPictures(files) {
  const transfer = new DataTransfer();
  for (const file of files) {
    transfer.items.add(typed(file) ? file : new File([file], file.name, { type: 'image/unknown' }));
  }
  return transfer;
}

document.addEventListener('change', (event) => {
  const input = event.target;
  if (input.type !== 'file' || !input.closest(FILES) || [...input.files].every(typed)) return;
  input.files = asPictures(input.files).files;
}, true);
document.addEventListener('drop', (event) => {
  const files = [...(event.dataTransfer?.files ?? [])];
  if (!event.target.closest?.(FILES) || files.every(typed)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const again = { bubbles: true, cancelable: true, dataTransfer: asPictures(files) };
  event.target.dispatchEvent(new DragEvent('drop', again));
}, true);
// The whole page takes a drop, in every tab: one file is a photo for the tab that is open, or for the first one; several
// are an album; on the Show tab all are shown.
const [ONE, MANY, SHOW] = ['.photo input[type=file]', '#many-files input[type=file]', 'input:has(+ #show-add)'];
const OWN = '.reference, :is(.photo, #many-files) [aria-dropeffect]'; // they take drops themselves; boxes only while they are empty
const carries = (event) => event.dataTransfer?.types.includes('Files') && !event.target.closest?.(OWN);
const shown = (selector) => [...document.querySelectorAll(selector)].find((each) => each.closest('[role=tabpanel]')?.offsetParent);

// The input of a tab that is not open yet is made when it is.
async function inputFor(selector, tab) {
  if (!shown(selector)) document.querySelectorAll('[role=tablist] [role=tab]')[tab]?.click();
  for (let tries = 0; tries < 50 && !shown(selector); tries++) await new Promise((wait) => setTimeout(wait, 100));
  return shown(selector);
}

document.addEventListener('dragover', (event) => {
  if (!carries(event)) return;
  event.preventDefault();
  document.body.classList.add('dropping');
});
for (const name of ['dragleave', 'drop', 'dragend']) {
  document.addEventListener(name, (event) => { if (name !== 'dragleave' || !event.relatedTarget) document.body.classList.remove('dropping'); });
}
document.addEventListener('drop', (event) => {
  if (!carries(event)) return;
  event.preventDefault();
  take(asPictures(event.dataTransfer.files).files);
});

async function take(files) {
  if (!files.length) return;
  const many = files.length > 1 || /\.zip$/i.test(files[0].name) || shown(MANY);
  give(shown(SHOW) ?? await (many ? inputFor(MANY, 2) : inputFor(ONE, 0)), files);
}

function give(input, files) {
  if (!input) return;
  input.files = files;
  input.dispatchEvent(new Event('change', { bubbles: true }));
}

// With a mouse, the system's dialog offers these files too. On a phone, "image/*" leads to the photos.
document.addEventListener('click', (event) => {
  const input = event.target;
  if (input.type === 'file' && input.closest(PHOTO) && matchMedia('(pointer: fine)').matches) input.removeAttribute('accept');
}, true);

// Ctrl+V anywhere adds the photo: Gradio listens only to its own paste button.
document.addEventListener('paste', (event) => {
  const files = [...(event.clipboardData?.files ?? [])];
  const file = files.find(typed) ?? files[0];
  if (file) take(asPictures([file]).files);
});
// Why a file cannot be read stands in a sentence; the torn icon of a browser that cannot show it says no more.
for (const name of ['error', 'load']) {
  document.addEventListener(name, ({ target }) => {
    if (target.matches?.('.photo img, .reference img')) target.style.visibility = name === 'error' ? 'hidden' : '';
  }, true);
}
// From the choice of a photo until its colours are there the page says that it works. Gradio says so late on a busy machine,
// and only on the stage, which the first photo does not have.
const LONGEST = 60e3; // ms; some errors are shown elsewhere
let late;
window.colorizerWorks = (yes = false) => {
  document.querySelector('#work')?.classList.toggle('works', yes);
  clearTimeout(late);
  if (yes) late = setTimeout(window.colorizerWorks, LONGEST);
};
document.addEventListener('change', ({ target }) => { if (target.matches?.('#photo input[type=file]') && target.files.length) window.colorizerWorks(true); }, true);
document.addEventListener('drop', ({ target }) => { if (target.closest?.('#photo')) window.colorizerWorks(true); }, true);
document.addEventListener('load', ({ target }) => { if (target.matches?.('#colour img')) window.colorizerWorks(); }, true);
document.addEventListener('click', ({ target }) => {
  const chosen = target.closest?.('#examples button, #photo [data-called="Remove Image"]');
  if (chosen) window.colorizerWorks(chosen.matches('#examples *'));
}, true);
