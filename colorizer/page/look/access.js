// Adds what Gradio's markup lacks for screen readers and keyboards. Each part says what is missing in Gradio 6.31; once
// Gradio has it, the part can go.
const blockOf = (node) => node.closest('.block');
const labelOf = (node) =>
  blockOf(node)?.querySelector('[data-testid="block-info"], [data-testid="block-label"]')?.textContent.trim() ?? '';
const FINGERS = matchMedia('(hover: none) and (pointer: coarse)').matches; // nobody drops, nor uses keys
let numbered = 0;

function set(node, name, value) {
  if (node.getAttribute(name) !== value) node.setAttribute(name, value);
}

function idOf(node) {
  node.id ||= `said-${++numbered}`;
  return node.id;
}

// Pictures of a gallery are named "Thumbnail 1 of 8", even if they have captions.
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

// Both inputs of a slider have English names, and no link to its description.
function nameSliders() {
  for (const input of document.querySelectorAll('[data-testid="range-input"], [data-testid="number-input"]')) {
    const info = blockOf(input)?.querySelector('.info-text');
    if (labelOf(input)) set(input, 'aria-label', labelOf(input));
    if (info) set(input, 'aria-describedby', idOf(info));
  }
}

// Gradio's own buttons are in English on a page in another language, most icons have no tooltip, and all "Fullscreen" or
// "Reset" buttons have the same name.
function nameButtons() {
  const words = JSON.parse(document.querySelector('#gradio-words')?.dataset.words ?? '{}');
  const buttons = ':is(.reset-button, .icon-button, .source-selection button, .toast-close, footer, .api-docs)[aria-label]';
  for (const button of document.querySelectorAll(buttons)) {
    const now = button.getAttribute('aria-label');
    if (now !== button.dataset.said) button.dataset.called = now;
    const word = words[button.dataset.called] ?? button.dataset.called;
    const whose = labelOf(button);
    button.dataset.said = whose ? `${word}: ${whose}` : word;
    set(button, 'aria-label', button.dataset.said);
    if (button.title || !button.textContent.trim()) set(button, 'title', word);
  }
  for (const title of document.querySelectorAll('.toast-title')) {
    title.dataset.called ??= title.firstChild.data.trim();
    const word = (words[title.dataset.called] ?? title.dataset.called) + ' ';
    if (title.firstChild.data !== word) title.firstChild.data = word;
  }
}

// The texts in file inputs and in the footer are in the browser's language, not in the page's.
function translateTexts() {
  const words = JSON.parse(document.querySelector('#gradio-words')?.dataset.words ?? '{}');
  const written = (node) => [...(node?.childNodes ?? [])].filter((part) => part.nodeType === 3 && part.data.trim());
  const say = (part, english) => {
    const word = ` ${words[english] ?? english} `;
    if (part && part.data !== word) part.data = word;
  };
  for (const place of document.querySelectorAll(`[data-testid="upload-text"]${FINGERS ? '' : ':has(.or)'}`)) {
    const [drop, choose] = written(place);
    if (FINGERS) {
      say(drop ?? written(place.querySelector('p'))[0], 'Touch to Upload');
      if (choose) choose.data = '';
      continue;
    }
    say(drop, 'Drop File Here');
    say(written(place.querySelector('.or'))[0], '- or -');
    say(choose, 'Click to Upload');
  }
  say(written(document.querySelector('footer .show-api'))[0], 'Use via API');
  say(written(document.querySelector('footer .settings'))[0], 'Settings');
  const settings = document.querySelector('.api-docs-wrap:has(.theme-buttons)');
  if (!settings || !words.Close) return;
  say(written(settings.querySelector('.title'))[0], 'Settings');
  say(written(settings.querySelector('.banner-wrap:has(.theme-buttons) h2'))[0], 'Display Theme');
  set(settings.querySelector('.banner-wrap > button'), 'aria-label', words.Close);
  ['Light', 'Dark', 'System'].forEach((theme, i) => {
    const [part] = written(settings.querySelectorAll('.theme-buttons button')[i]);
    if (part && !part.data.endsWith(words[theme])) part.data = `${part.data.trim().split(/\s/)[0]} ${words[theme]}`;
  });
}

// Accordions do not say whether they are open, and screen readers read their arrow aloud.
function markFolded() {
  for (const heading of document.querySelectorAll('.label-wrap')) {
    set(heading, 'aria-expanded', String(heading.classList.contains('open')));
    heading.querySelectorAll('.icon').forEach((arrow) => set(arrow, 'aria-hidden', 'true'));
  }
}

// Tabs and their panels are not linked, and every tab is a tab stop.
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

// Arrow keys choose the next tab or radio button. Radio buttons would do this by themselves, but Gradio separates them
// again for a moment after each choice. After a click on a tab, keys are for the panel that it opened.
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

// A dropdown opens its list when the Tab key reaches it, opens it again when the key leaves it, and takes this for a
// choice: the photo would be coloured again, and its settings reset. So it gets the focus event only when another key is
// pressed there, and the blur event only if it got the focus event.
let byTab = false;
let held = null;
const dropdown = (event) => event.target.matches?.('input[role=combobox]');

function release() {
  const field = held;
  held = null;
  field?.dispatchEvent(new FocusEvent('focus'));
}

document.addEventListener('keydown', (event) => {
  byTab = event.key === 'Tab';
  if (!dropdown(event)) return;
  if (['Tab', 'Shift', 'Control', 'Alt', 'Meta'].includes(event.key)) event.stopImmediatePropagation();
  else release();
}, true);
document.addEventListener('pointerdown', (event) => {
  byTab = false;
  if (dropdown(event)) release();
}, true);
document.addEventListener('focus', (event) => {
  if (!dropdown(event) || !byTab || !event.isTrusted) return;
  held = event.target;
  event.stopImmediatePropagation();
}, true);
document.addEventListener('blur', (event) => {
  if (held && event.target === held) event.stopImmediatePropagation();
  held = null;
}, true);

// A file input has another name than the text in it.
function nameDropPlaces() {
  for (const place of document.querySelectorAll('button[aria-dropeffect]')) {
    const words = place.querySelector('[data-testid="upload-text"]')?.textContent.trim().replace(/\s+/g, ' ');
    if (words) set(place, 'aria-label', [labelOf(place), words].filter(Boolean).join(': '));
  }
}

// A message's heading is a button around another button, and errors are not announced as alerts.
function mendMessages() {
  for (const heading of document.querySelectorAll('.toast-header[role]')) {
    heading.removeAttribute('role');
    heading.removeAttribute('tabindex');
  }
  document.querySelectorAll('.toast-body.error').forEach((body) => {
    if (body.ariaLive !== 'assertive') window.colorizerWorks?.(); // a new one: that work has ended
    set(body, 'role', 'alert');
    set(body, 'aria-live', 'assertive');
  });
}

// Decorative pictures have alternative texts, and an empty gallery has a name that its element may not have.
function hideDecoration() {
  document.querySelectorAll('footer img').forEach((picture) => set(picture, 'alt', ''));
  document.querySelectorAll('div.empty[aria-label]').forEach((empty) => empty.removeAttribute('aria-label'));
}

// Screen readers announce status lines (`.announced`) when they change. The lines appear and disappear with their tabs,
// but only a region that exists before its text changes is announced reliably: one region for all of them.
const announced = new WeakMap();
const voice = Object.assign(document.createElement('div'), { id: 'voice', className: 'unseen' });
voice.setAttribute('role', 'status');

function announce() {
  for (const line of document.querySelectorAll('.announced')) {
    const words = line.checkVisibility() ? line.innerText.trim() : '';
    if (words === (announced.get(line) ?? '')) continue;
    announced.set(line, words);
    if (words) voice.textContent = words;
  }
}

function mend() {
  scheduled = false;
  const main = document.querySelector('main');
  if (!main) return;
  if (!voice.isConnected) main.append(voice);
  [nameThumbnails, joinRadios, nameSliders, nameButtons, translateTexts, markFolded, joinTabs, nameDropPlaces,
    mendMessages, hideDecoration, announce].forEach((part) => part());
}

let scheduled = false;
new MutationObserver((changes) => {
  // Gradio announces the keys of sentences that it lacks. They are taken away at once, before anybody hears them.
  for (const { target } of changes) {
    if (/^(common|status)\.\w+$/.test(target.data) && target.parentElement?.matches('.sr-only')) target.data = '';
  }
  if (scheduled) return;
  scheduled = true;
  requestAnimationFrame(mend);
}).observe(document, {
  childList: true, subtree: true, characterData: true, attributes: true,
  attributeFilter: ['class', 'style', 'aria-label', 'aria-selected', 'alt', 'name'],
});
mend();
