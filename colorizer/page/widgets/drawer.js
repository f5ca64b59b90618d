// Runs once for each drawer. `element` is its node. Style sheets show the part that `data-open` names.
const bar = element.querySelector('.drawer-bar');
const buttons = () => [...document.querySelectorAll('#desk [data-part]')]; // the stage has one, while there is a photo
const wide = matchMedia('(min-width: 1000px)');
const KEY = 'colorizer-drawer';
let byMode = false; // whether the stage's mode opened it
let before = ''; // the stage's mode

function say() {
  for (const button of buttons()) {
    const now = String(button.dataset.part === bar.dataset.open);
    if (button.getAttribute('aria-expanded') !== now) button.setAttribute('aria-expanded', now);
  }
}

function open(part, remembered = true) {
  if (part) bar.dataset.open = part;
  else delete bar.dataset.open;
  say();
  byMode = false;
  try { if (remembered) localStorage.setItem(KEY, part); } catch { /* then it is not remembered */ }
}

document.addEventListener('click', ({ target }) => {
  if (target.closest?.('.drawer-shut')) return shut();
  const part = target.closest?.('#desk [data-part]')?.dataset.part;
  if (!part) return;
  const opens = bar.dataset.open !== part;
  open(opens ? part : '');
  const large = document.querySelector('#view input[value="picture"]');
  if (opens && part === 'correct' && large && !large.checked) large.click();
});

function shut() {
  const button = buttons().find(({ dataset }) => dataset.part === bar.dataset.open);
  open('');
  button?.focus();
}

// Escape closes first what lies above the drawer: colours that are offered, the whole screen. These are still open
// while the event goes down the page.
const ABOVE = '.stage-offer, .picker-panel:not([hidden]), .stage-filling, dialog[open]';
document.addEventListener('keydown', ({ key }) => {
  if (key === 'Escape' && bar.dataset.open && bar.offsetParent && !document.querySelector(ABOVE)) shut();
}, true);

// Whoever corrects sees the corrections, where that takes no room from the picture.
function follow() {
  say();
  const mode = document.querySelector('.stage')?.dataset.mode ?? '';
  if (!mode && bar.dataset.open === 'save') open('', false); // there is nothing to save, and no button to close it
  if (mode === before) return;
  before = mode;
  if (mode === 'picture' && wide.matches && !bar.dataset.open) {
    open('correct', false);
    byMode = true;
  } else if (mode !== 'picture' && byMode) open('', false);
}
new MutationObserver(follow).observe(document.body, { subtree: true, childList: true, attributes: true, attributeFilter: ['data-mode'] });

try { if (wide.matches) open(localStorage.getItem(KEY) ?? '', false); } catch { /* nothing was remembered */ }
