// What Gradio's own markup leaves out for those who do not see the page or do not use a mouse. Every part says what
// is missing in Gradio 6.31; where a later Gradio has it, the part can go.
const blockOf = (node) => node.closest('.block');
const labelOf = (node) =>
  blockOf(node)?.querySelector('[data-testid="block-info"], [data-testid="block-label"]')?.textContent.trim() ?? '';
let numbered = 0;

function set(node, name, value) {
  if (node.getAttribute(name) !== value) node.setAttribute(name, value);
}

function idOf(node) {
  node.id ||= `said-${++numbered}`;
  return node.id;
}

// Pictures of a gallery are called "Thumbnail 1 of 8", whatever their captions say.
function nameThumbnails() {
  for (const button of document.querySelectorAll('.thumbnail-item')) {
    const caption = button.querySelector('.caption-label');
    if (!caption) continue;
    set(button, 'aria-label', caption.textContent.trim().split(/\s*\n\s*/).join(', '));
    button.querySelectorAll('img').forEach((picture) => set(picture, 'alt', ''));
    if (button.classList.contains('selected')) set(button, 'aria-current', 'true');
    else button.removeAttribute('aria-current');
  }
}

// Every radio button is a group of its own, so that arrow keys do nothing; and groups have no names.
function joinRadios() {
  for (const group of document.querySelectorAll('fieldset.block')) {
    const [title, info] = ['[data-testid="block-info"]', '.info-text'].map((part) => group.querySelector(part));
    if (title) set(group, 'aria-labelledby', idOf(title));
    if (info) set(group, 'aria-describedby', idOf(info));
    const radios = group.querySelectorAll('input[type=radio]');
    const name = radios.length ? 'radios-' + idOf(title ?? group) : '';
    radios.forEach((radio) => set(radio, 'name', name));
  }
}

// Both inputs of a slider have English names, and what the slider means is not tied to it.
function nameSliders() {
  for (const input of document.querySelectorAll('[data-testid="range-input"], [data-testid="number-input"]')) {
    const info = blockOf(input)?.querySelector('.info-text');
    if (labelOf(input)) set(input, 'aria-label', labelOf(input));
    if (info) set(input, 'aria-describedby', idOf(info));
  }
}

// Gradio's own buttons speak English on a page in another language, and every "Fullscreen" or "Reset" is called the
// same, whatever it belongs to.
function nameButtons() {
  const words = JSON.parse(document.querySelector('#gradio-words')?.dataset.words ?? '{}');
  const buttons = ':is(.reset-button, .icon-button, .source-selection button, .toast-close, footer)[aria-label]';
  for (const button of document.querySelectorAll(buttons)) {
    const now = button.getAttribute('aria-label');
    if (now !== button.dataset.said) button.dataset.called = now;
    const word = words[button.dataset.called] ?? button.dataset.called;
    const whose = labelOf(button);
    button.dataset.said = whose ? `${word}: ${whose}` : word;
    set(button, 'aria-label', button.dataset.said);
    if (button.title) set(button, 'title', word);
  }
  for (const title of document.querySelectorAll('.toast-title')) {
    title.dataset.called ??= title.firstChild.data.trim();
    const word = (words[title.dataset.called] ?? title.dataset.called) + ' ';
    if (title.firstChild.data !== word) title.firstChild.data = word;
  }
}

// What stands where files are dropped and at the foot of the page is in the browser's language, not in the page's.
function sayStanding() {
  const words = JSON.parse(document.querySelector('#gradio-words')?.dataset.words ?? '{}');
  const written = (node) => [...(node?.childNodes ?? [])].filter((part) => part.nodeType === 3 && part.data.trim());
  const say = (part, english) => {
    const word = ` ${words[english] ?? english} `;
    if (part && part.data !== word) part.data = word;
  };
  for (const place of document.querySelectorAll('[data-testid="upload-text"]:has(.or)')) {
    const [drop, choose] = written(place);
    say(drop, 'Drop File Here');
    say(written(place.querySelector('.or'))[0], '- or -');
    say(choose, 'Click to Upload');
  }
  say(written(document.querySelector('footer .show-api'))[0], 'Use via API');
  say(written(document.querySelector('footer .settings'))[0], 'Settings');
}

// Accordions do not say whether they are open, but read their arrow aloud.
function sayFolded() {
  for (const heading of document.querySelectorAll('.label-wrap')) {
    set(heading, 'aria-expanded', String(heading.classList.contains('open')));
    heading.querySelectorAll('.icon').forEach((arrow) => set(arrow, 'aria-hidden', 'true'));
  }
}

// Tabs and their panels do not know of each other, and every tab is a stop of its own.
function joinTabs() {
  for (const tabs of document.querySelectorAll('[role=tablist]')) {
    const chosen = tabs.querySelector('[aria-selected=true]');
    if (!chosen) continue;
    tabs.querySelectorAll('[role=tab]').forEach((tab) => set(tab, 'tabindex', tab === chosen ? '0' : '-1'));
    const panels = [...tabs.closest('.tabs').children].filter((part) => part.matches('[role=tabpanel]'));
    const panel = panels.find((part) => part.style.display !== 'none');
    if (!panel) continue;
    set(panel, 'aria-labelledby', idOf(chosen));
    set(chosen, 'aria-controls', idOf(panel));
  }
}

// Arrow keys choose the next tab, the next of a bar of choices. Radio buttons would do it by themselves, were they not
// put apart again for a moment whenever one was chosen. After a click on a tab, keys are meant for what it opened.
let clicked = null;
document.addEventListener('click', (event) => {
  clicked = event.detail ? event.target.closest?.('[role=tab]') : null;
}, true);
const ROWS = [['[role=tab]', '[role=tablist]'], ['fieldset.block input[type=radio]', 'fieldset.block']];
document.addEventListener('keydown', (event) => {
  const [one, row] = ROWS.find(([each]) => event.target.matches?.(each)) ?? [];
  if (!one || event.target === clicked || event.altKey || event.ctrlKey || event.metaKey) return;
  const all = [...event.target.closest(row).querySelectorAll(one)].filter((each) => !each.disabled);
  const [here, last] = [all.indexOf(event.target), all.length - 1];
  const upright = one.includes('radio') ? { ArrowUp: here - 1, ArrowDown: here + 1 } : { Home: 0, End: last };
  const to = { ArrowLeft: here - 1, ArrowRight: here + 1, ...upright }[event.key];
  if (to === undefined) return;
  const next = all[(to + all.length) % all.length];
  next.click();
  next.focus();
  event.preventDefault();
});

// A dropdown that the Tab key comes to opens its list, opens it again when the key has left it, and takes having been
// left for a choice: a photo would be coloured anew, its settings put back. It is told of the keyboard's coming only
// once another key is pressed there, and of its going only if it was told of its coming.
let byTab = false;
let untold = null;
const dropdown = (event) => event.target.matches?.('input[role=combobox]');

function tell() {
  const field = untold;
  untold = null;
  field?.dispatchEvent(new FocusEvent('focus'));
}

document.addEventListener('keydown', (event) => {
  byTab = event.key === 'Tab';
  if (!dropdown(event)) return;
  if (['Tab', 'Shift', 'Control', 'Alt', 'Meta'].includes(event.key)) event.stopImmediatePropagation();
  else tell();
}, true);
document.addEventListener('pointerdown', (event) => {
  byTab = false;
  if (dropdown(event)) tell();
}, true);
document.addEventListener('focus', (event) => {
  if (!dropdown(event) || !byTab || !event.isTrusted) return;
  untold = event.target;
  event.stopImmediatePropagation();
}, true);
document.addEventListener('blur', (event) => {
  if (untold && event.target === untold) event.stopImmediatePropagation();
  untold = null;
}, true);

// The place to drop a file is called otherwise than what stands in it.
function nameDropPlaces() {
  for (const place of document.querySelectorAll('button[aria-dropeffect]')) {
    const words = place.querySelector('[data-testid="upload-text"]')?.textContent.trim().replace(/\s+/g, ' ');
    if (words) set(place, 'aria-label', [labelOf(place), words].filter(Boolean).join(': '));
  }
}

// A link past the settings must not leave the page: with Gradio's <base> its address is another one.
document.addEventListener('click', (event) => {
  const link = event.target.closest?.('.skip a');
  const goal = link && document.querySelector(link.getAttribute('href'));
  if (!goal) return;
  event.preventDefault();
  goal.tabIndex = -1;
  goal.focus();
});

// A shown picture is a button that does nothing; here it does what the small one in its corner does.
function picturesGrow() {
  document.querySelectorAll('.pane button:has(> .image-frame)').forEach((button) => set(button, 'tabindex', '-1'));
}

document.addEventListener('click', (event) => {
  const picture = event.target.closest?.('.pane button:has(> .image-frame)');
  picture?.closest('.pane').querySelector('.icon-button')?.click();
});

// A message's heading is a button around another; an error is told as calmly as "done".
function mendMessages() {
  for (const heading of document.querySelectorAll('.toast-header[role]')) {
    heading.removeAttribute('role');
    heading.removeAttribute('tabindex');
  }
  document.querySelectorAll('.toast-body.error').forEach((body) => {
    set(body, 'role', 'alert');
    set(body, 'aria-live', 'assertive');
  });
}

// Pictures that only decorate have words, and an empty gallery a name that its kind of node cannot have.
function hushDecoration() {
  document.querySelectorAll('footer img').forEach((picture) => set(picture, 'alt', ''));
  document.querySelectorAll('div.empty[aria-label]').forEach((empty) => empty.removeAttribute('aria-label'));
}

// Lines that say how far things are (`.announced`) are read when they change. They come and go with their tabs, and
// only a region that was there before is sure to be heard: one for all.
const heard = new WeakMap();
const voice = Object.assign(document.createElement('div'), { id: 'voice', className: 'unseen' });
voice.setAttribute('role', 'status');

function announce() {
  for (const line of document.querySelectorAll('.announced')) {
    const words = line.checkVisibility() ? line.innerText.trim() : '';
    if (words === (heard.get(line) ?? '')) continue;
    heard.set(line, words);
    if (words) voice.textContent = words;
  }
}

function mend() {
  waiting = false;
  const main = document.querySelector('main');
  if (!main) return;
  if (!voice.isConnected) main.append(voice);
  [nameThumbnails, joinRadios, nameSliders, nameButtons, sayStanding, sayFolded, joinTabs, nameDropPlaces, picturesGrow,
    mendMessages, hushDecoration, announce].forEach((part) => part());
}

let waiting = false;
new MutationObserver(() => {
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(mend);
}).observe(document, {
  childList: true, subtree: true, characterData: true, attributes: true,
  attributeFilter: ['class', 'style', 'aria-label', 'aria-selected', 'alt', 'name'],
});
mend();
