// The stage's full screen, keys and buttons; follows `show_stage.js`, whose names it uses, in the same function.
// ---- full screen

async function fill() {
  if (whole()) return leave();
  try {
    await stage.requestFullscreen({ navigationUI: 'hide' });
  } catch {
    filling = true; // a phone, or a frame that may not
    adapt();
  }
}

function leave() {
  if (document.fullscreenElement === stage) document.exitFullscreen();
  filling = false;
  adapt();
}

function adapt() {
  stage.classList.toggle('show-whole', whole());
  stage.classList.toggle('show-filling', filling);
  document.documentElement.style.overflow = filling ? 'hidden' : '';
  label();
  if (whole()) {
    stage.focus({ preventScroll: true });
    navigator.wakeLock?.request('screen').then((given) => { lock = given; }, () => {}); // a projector that sleeps
  } else {
    lock?.release();
    lock = null;
  }
  wake();
}

function label() {
  const what = whole() ? words().show_leave : words().show_full;
  full.setAttribute('aria-label', what ?? '');
  full.title = what ?? '';
}

function wake() {
  stage.classList.remove('show-idle');
  clearTimeout(idle);
  if (whole()) idle = setTimeout(() => stage.classList.toggle('show-idle', whole() && help.hidden), IDLE);
}

function explain(on) {
  help.hidden = !on;
  if (on) help.querySelector('button').focus({ preventScroll: true });
  else if (stage.contains(document.activeElement) || document.activeElement === document.body) stage.focus({ preventScroll: true });
  wake();
}

// ---- keys and buttons

const actions = {
  previous: () => go(-1),
  next: () => go(1),
  blink: () => { pinned = !pinned; blink(); },
  play: () => play(!playing),
  captions: () => press('captions', !stage.classList.toggle('show-bare')),
  ground: () => press('ground', stage.classList.toggle('show-light')),
  help: () => explain(help.hidden),
  full: fill,
};
const LETTERS = { n: 'next', pagedown: 'next', p: 'previous', pageup: 'previous', a: 'play', c: 'captions', d: 'ground', f: 'full' };

// The letter on a Latin keyboard, the place of its key on any other.
const letter = ({ key, code }) => (/^Key[A-Z]$/.test(code) && !/^[a-z]$/i.test(key) ? code.slice(3) : key).toLowerCase();

// Keys are the stage's while it is before the visitor, and no one types, or presses another button with them.
function ours({ target, key, ctrlKey, metaKey, altKey }) {
  if (ctrlKey || metaKey || altKey || !shown()) return false;
  const { top, bottom } = stage.getBoundingClientRect();
  const middle = (top + bottom) / 2;
  if (middle < 0 || middle > innerHeight) return false;
  if (target === divider || !target.closest) return true;
  if (target.closest('textarea, select, [contenteditable=""], [contenteditable=true], [role=textbox], [role=listbox]')) return false;
  const field = target.closest('input');
  if (field && !['checkbox', 'radio', 'file', 'button'].includes(field.type)) return false;
  if (field?.type === 'radio' && key.startsWith('Arrow')) return false;
  const pressed = (key === ' ' || key === 'Enter') && target.closest('button, a, input, label, summary, [role=button]');
  return !pressed || pressed.getAttribute('role') === 'tab';
}

function move(key, shift) {
  const by = { ArrowLeft: -1, ArrowRight: 1, ...(document.activeElement === divider && { ArrowDown: -1, ArrowUp: 1 }) }[key];
  const to = by ? Number(divider.value) + by * (shift ? 10 : 2) : { Home: 0, End: 100 }[key];
  if (to === undefined) return false;
  play(false);
  place(to);
  return true;
}

function down(event) {
  if (!stage.isConnected) return document.removeEventListener('keydown', down);
  if (event.defaultPrevented || !ours(event)) return; // from tab to tab
  const { key, repeat, shiftKey } = event;
  const action = key === '?' ? 'help' : LETTERS[letter(event)];
  if (key === 'Escape') {
    if (!help.hidden) explain(false);
    else if (filling) leave();
    else return;
  } else if (key === ' ') {
    if (!repeat) { held = true; blink(); }
  } else if (action) {
    if (!repeat || action === 'next' || action === 'previous') actions[action]();
  } else if (!move(key, shiftKey)) {
    return;
  }
  event.preventDefault();
}

function up(event) {
  if (!stage.isConnected) return document.removeEventListener('keyup', up);
  if (event.key !== ' ' || !held) return;
  event.preventDefault(); // some browsers press a focused button only now
  held = false;
  blink();
}

document.addEventListener('keydown', down);
document.addEventListener('keyup', up);
window.addEventListener('blur', () => { held = false; blink(); });
for (const [which, action] of Object.entries(actions)) {
  element.querySelector('.show-' + which).addEventListener('click', (event) => {
    action();
    if (event.detail && help.hidden) stage.focus({ preventScroll: true }); // or else Space would press the button again
  });
}
element.querySelector('.show-close').addEventListener('click', () => explain(false));
divider.addEventListener('input', () => { play(false); place(Number(divider.value)); });
divider.addEventListener('pointerup', () => stage.focus({ preventScroll: true }));
stage.addEventListener('fullscreenchange', adapt);
stage.addEventListener('pointermove', (event) => { if (event.movementX || event.movementY) wake(); });
for (const kind of ['pointerdown', 'focusin']) stage.addEventListener(kind, wake);
watch('words', () => { draw(); label(); });
press('captions', true);
place(50);
relist();
