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

// A black screen, so that all look at the speaker. It is a button: a tap and, as with other programs, any key end it.
function black(on) {
  if (on) play(false);
  dark.hidden = !on;
  if (on) dark.focus({ preventScroll: true });
  else stage.focus({ preventScroll: true });
}

const actions = {
  previous: () => go(-1),
  next: () => go(1),
  blink: () => { pinned = !pinned; blink(); },
  black: () => black(true),
  play: () => play(!playing),
  panes: () => { press('panes', stage.classList.toggle('show-triptych')); fit(); },
  captions: () => press('captions', !stage.classList.toggle('show-bare')),
  ground: () => press('ground', stage.classList.toggle('show-light')),
  help: () => explain(help.hidden),
  full: fill,
};
// The keys of other programs for presentations, and so of the remotes that are made for them.
const ACTIONS = {
  arrowright: 'next', ' ': 'next', pagedown: 'next', n: 'next', enter: 'next',
  arrowleft: 'previous', pageup: 'previous', p: 'previous', backspace: 'previous',
  b: 'black', '.': 'black', a: 'play', t: 'panes', c: 'captions', d: 'ground', f: 'full', '?': 'help',
};

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

// The divider is a slider: when it has the focus, all arrows, Home and End are its own. Else only Shift and an arrow.
function move(key, shift) {
  const own = document.activeElement === divider;
  if (!own && !shift) return false;
  const by = { ArrowLeft: -1, ArrowRight: 1, ...(own && { ArrowDown: -1, ArrowUp: 1 }) }[key];
  const to = by ? Number(divider.value) + by * (shift ? 5 : 2) : own ? { Home: 0, End: 100 }[key] : undefined;
  if (to === undefined) return false;
  play(false);
  place(to);
  return true;
}

function jump(key) {
  if (key !== 'Home' && key !== 'End') return false;
  go((key === 'Home' ? 0 : list.length - 1) - at);
  return true;
}

function down(event) {
  if (!stage.isConnected) return document.removeEventListener('keydown', down);
  if (event.defaultPrevented || !ours(event)) return; // from tab to tab
  const { key, repeat, shiftKey } = event;
  const action = ACTIONS[letter(event)];
  if (!dark.hidden) {
    if (['Shift', 'Control', 'Alt', 'Meta'].includes(key)) return;
    if (!repeat) black(false);
  } else if (key === 'Escape') {
    if (!help.hidden) explain(false);
    else if (filling) leave();
    else return;
  } else if (letter(event) === 'w') {
    if (!repeat) { held = true; blink(); }
  } else if (!move(key, shiftKey) && !jump(key)) {
    if (!action) return;
    if (!repeat || action === 'next' || action === 'previous') actions[action]();
  }
  event.preventDefault();
}

function up(event) {
  if (!stage.isConnected) return document.removeEventListener('keyup', up);
  if (letter(event) !== 'w' || !held) return;
  held = false;
  blink();
}

document.addEventListener('keydown', down);
document.addEventListener('keyup', up);
window.addEventListener('blur', () => { held = false; blink(); });
for (const [which, action] of Object.entries(actions)) {
  element.querySelector('.show-' + which).addEventListener('click', (event) => {
    action();
    if (event.detail && help.hidden && dark.hidden) stage.focus({ preventScroll: true }); // or else Space would press the button again
  });
}
element.querySelector('.show-close').addEventListener('click', () => explain(false));
dark.addEventListener('click', () => black(false));
divider.addEventListener('input', () => { play(false); place(Number(divider.value)); });
divider.addEventListener('pointerup', () => stage.focus({ preventScroll: true }));
stage.addEventListener('fullscreenchange', adapt);
stage.addEventListener('pointermove', (event) => { if (event.movementX || event.movementY) wake(); });
for (const kind of ['pointerdown', 'focusin']) stage.addEventListener(kind, wake);
watch('words', () => { draw(); label(); });
press('captions', true);
place(50);
relist();
