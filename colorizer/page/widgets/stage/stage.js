// Pictures of one photograph on a dark ground: side by side, or two of them with a divider between. Knows nothing of the
// page around it: `root` is an element as in stage.html, perhaps without modes. Pictures are { id, url, caption, alt }, and perhaps a hint, which
// follows the caption.
const NARROW = 630; // pixels: there pictures stand below each other on a phone
const GAP = 12;
const CAPTION = 34; // pixels below each picture
const TWICE = 300; // milliseconds in which a second click makes a double one
const STILL = 6; // pixels that a pointer may go within a click

// options: frame: what goes on the whole screen; onMode(name),
// onSides({ left } or { right }): what the visitor chose; onClick(id, { x, y }): which picture they clicked, and where.
function makeStage(root, { frame = root, onMode = () => {}, onSides = () => {}, onClick = () => {} } = {}) {
  const find = (name) => root.querySelector('.stage-' + name);
  const [modes, sides, room, panes, compare, over, under, whole, full] = ['modes .wrap', 'sides', 'room', 'panes', 'compare',
    'before', 'after', 'whole', 'full'].map(find);
  const slider = compare.querySelector('input');
  const selects = [...sides.querySelectorAll('select')];
  const group = `stage-mode-${Math.random().toString(36).slice(2)}`;
  let ratio = 1.5;
  let filling = false; // the window, where the browser has no full screen to give

  // ---- which pictures

  function show(pictures) {
    const known = new Map([...panes.children].map((node) => [node.id, node]));
    const nodes = pictures.map((picture) => dress(known.get(picture.id) ?? pane(picture.id), picture));
    for (const node of known.values()) if (!nodes.includes(node)) node.remove();
    nodes.forEach((node, i) => { if (panes.children[i] !== node) panes.insertBefore(node, panes.children[i] ?? null); });
    fit();
  }

  function pane(id) {
    const node = Object.assign(document.createElement('figure'), { id, className: 'stage-pane' });
    const view = Object.assign(document.createElement('div'), { className: 'stage-view' });
    view.append(Object.assign(document.createElement('img'), { draggable: false }));
    view.firstChild.addEventListener('load', measure);
    node.append(view, document.createElement('figcaption'));
    return node;
  }

  function dress(node, { url, caption, alt, hint }) {
    const [picture, below] = [node.querySelector('img'), node.querySelector('figcaption')];
    put(picture, url, alt);
    below.replaceChildren(caption);
    if (hint) below.append(Object.assign(document.createElement('span'), { className: 'stage-hint', textContent: ' · ' + hint }));
    return node;
  }

  function put(picture, url, alt) {
    picture.alt = alt ?? '';
    if (picture.getAttribute('src') !== url) picture.src = url;
  }

  function measure({ target }) {
    if (target.naturalWidth) ratio = target.naturalWidth / target.naturalHeight;
    fit();
  }

  // options: [{ id, name, group }], all that a side can show; left, right: pictures, each with the id of its option;
  // chosen: the options that are chosen already while their pictures are still to come.
  function divide({ left, right, options, chosen = {} }) {
    put(over, left.url, left.alt);
    put(under, right.url, right.alt);
    find('left').textContent = left.caption;
    find('right').textContent = right.caption;
    for (const select of selects) {
      const side = select.dataset.side;
      select.replaceChildren(...nodesOf(options));
      select.value = chosen[side] ?? { left, right }[side].id;
    }
    root.classList.remove('stage-busy');
    fit();
  }

  function nodesOf(options) {
    const groups = new Map();
    for (const { id, name, group: of = '' } of options) groups.set(of, [...(groups.get(of) ?? []), new Option(name, id)]);
    return [...groups].flatMap(([label, nodes]) => {
      if (!label) return nodes;
      const node = Object.assign(document.createElement('optgroup'), { label });
      node.append(...nodes);
      return [node];
    });
  }

  for (const select of selects) {
    select.addEventListener('change', () => {
      root.classList.add('stage-busy');
      onSides({ [select.dataset.side]: select.value });
    });
  }

  // ---- how they are shown

  // list: [[name, words], ...]. What is no longer there gives way to the first.
  function offer(list, mode) {
    modes?.replaceChildren(...list.map(([name, words]) => {
      const label = document.createElement('label');
      const input = Object.assign(document.createElement('input'), { type: 'radio', name: group, value: name });
      input.addEventListener('change', () => { turn(name); onMode(name); });
      label.append(input, Object.assign(document.createElement('span'), { textContent: words }));
      return label;
    }));
    turn(list.some(([name]) => name === mode) ? mode : list[0]?.[0]);
  }

  function turn(mode) {
    root.dataset.mode = mode;
    for (const input of modes?.querySelectorAll('input') ?? []) {
      input.checked = input.value === mode;
      input.parentElement.classList.toggle('selected', input.checked);
    }
    fit();
  }

  // The number of columns that gives the largest pictures; on a phone the picture in colour first and largest.
  function fit() {
    const width = room.clientWidth - 2 * parseFloat(getComputedStyle(room).paddingInlineStart);
    const count = panes.children.length;
    if (!(width > 0)) return;
    const phone = matchMedia('(max-width: 800px)').matches; // style sheets then leave the height to the pictures
    const high = phone ? innerHeight * 0.62 : (panes.clientHeight || compare.clientHeight);
    const across = (columns, rows) => Math.min((width - GAP * (columns - 1)) / columns, ((high - GAP * (rows - 1)) / rows - CAPTION) * ratio);
    const lead = phone && width < NARROW && (count > 2 || (count === 2 && ratio < 1));
    const sizes = Array.from({ length: Math.max(count, 1) }, (_, i) => across(i + 1, Math.ceil(count / (i + 1))));
    const one = lead ? across(1, 1) : Math.max(...sizes);
    panes.dataset.layout = lead ? 'lead' : 'grid';
    panes.dataset.columns = lead ? 2 : sizes.lastIndexOf(one) + 1;
    const wide = Math.min(width, (high - CAPTION) * ratio);
    for (const [name, value] of [['one', one], ['half', Math.min((width - GAP) / 2, one / 2)], ['wide', wide]]) {
      root.style.setProperty('--' + name, Math.max(value, 60) + 'px');
    }
    root.style.setProperty('--ratio', ratio);
  }

  const place = (percent) => {
    slider.value = Math.min(Math.max(percent, 0), 100);
    compare.style.setProperty('--at', slider.value + '%');
  };
  slider.addEventListener('input', () => place(slider.value));
  under.addEventListener('load', measure);

  // ---- a click on one of the pictures, which is neither the first of two nor the end of a movement

  let press = null; // where the only pointer went down
  let soon = 0;
  panes.addEventListener('pointerdown', (event) => { press = event.isPrimary && !event.button ? event : null; });
  panes.addEventListener('click', (event) => {
    clearTimeout(soon);
    const view = event.target.closest('.stage-view');
    if (!view || !press || event.detail > 1 || Math.hypot(event.clientX - press.clientX, event.clientY - press.clientY) > STILL) return;
    const box = view.firstChild.getBoundingClientRect();
    const [x, y] = [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
    soon = setTimeout(() => { if (panes.contains(view) && panes.clientHeight) onClick(view.parentElement.id, { x, y }); }, TWICE);
  });

  // ---- the whole screen

  const onWhole = () => filling || document.fullscreenElement === frame;
  function screened() {
    frame.classList.toggle('stage-filling', onWhole());
    full.setAttribute('aria-pressed', String(onWhole()));
    requestAnimationFrame(fit);
  }
  full.addEventListener('click', async () => {
    if (document.fullscreenElement) return document.exitFullscreen();
    filling = !filling && !frame.requestFullscreen;
    if (frame.requestFullscreen) await frame.requestFullscreen().catch(() => { filling = true; });
    screened();
  });
  document.addEventListener('fullscreenchange', screened);
  root.addEventListener('keydown', ({ key }) => { if (key === 'Escape' && filling) { filling = false; screened(); } });

  new ResizeObserver(fit).observe(room);
  const zoom = makeZoom(frame, room, { whole, buttons: [find('out'), find('in')], slider, place });
  return { show, divide, offer, turn, place, zoom, find };
}
