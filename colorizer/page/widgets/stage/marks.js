// Quiet marks on the colours where the network does not know them. A click offers the likeliest ones; one more takes a
// colour, and a click on the mark takes it back. What keeps the corrections listens to the frame.
function makeMarks(frame, say) {
  const layer = Object.assign(document.createElement('div'), { className: 'stage-marks' });
  let shown = 'none'; // what is drawn, as JSON, so that the keyboard stays on it
  for (const name of ['pointerdown', 'click', 'dblclick']) layer.addEventListener(name, (event) => event.stopPropagation());
  layer.addEventListener('keydown', (event) => { if (event.key === 'Escape') shut(true); });
  layer.addEventListener('focusout', ({ relatedTarget }) => { if (relatedTarget && !layer.contains(relatedTarget)) shut(); });

  const button = (className, words, colour, onclick) => {
    const node = Object.assign(document.createElement('button'), { type: 'button', className, title: words, onclick });
    node.setAttribute('aria-label', words);
    node.style.setProperty('--mark', colour);
    return node;
  };
  const ask = (name, detail) => frame.dispatchEvent(new CustomEvent(name, { detail }));

  function shut(back = false) {
    const open = layer.querySelector('[aria-expanded=true]');
    layer.querySelector('.stage-offer')?.remove();
    open?.setAttribute('aria-expanded', 'false');
    if (back) open?.focus();
  }

  function offer(mark, { x, y, swatches }) {
    const again = mark.getAttribute('aria-expanded') === 'true';
    shut();
    if (again) return;
    mark.setAttribute('aria-expanded', 'true');
    const list = Object.assign(document.createElement('div'), { className: 'stage-offer' });
    list.append(...swatches.map(({ ab, color, name }, i) => button('', say('picker_swatch', { colour: say('colour_' + name), number: i + 1 }), color, () => {
      shut();
      ask('take', { x, y, ab, color, name });
    })));
    mark.after(list);
    const { clientWidth: width, clientHeight: height } = layer;
    list.style.left = Math.max(4, Math.min(x * width - list.offsetWidth / 2, width - list.offsetWidth - 4)) + 'px';
    list.style.top = (y * height + 22 + list.offsetHeight > height ? y * height - 22 - list.offsetHeight : y * height + 22) + 'px';
    list.firstChild.focus({ preventScroll: true });
  }

  // view: the colours' own; it may be another one than before.
  return (view, marks) => {
    if (!view) return layer.remove();
    if (layer.parentElement !== view) view.append(layer);
    const now = JSON.stringify([marks, say('stage_mark')]);
    if (now === shown) return;
    shown = now;
    layer.replaceChildren(...marks.map((each) => {
      const name = each.swatches.find(({ color }) => color === each.taken)?.name;
      const words = each.taken ? say('stage_mark_taken', { colour: name ? say('colour_' + name) : each.taken }) : say('stage_mark');
      const mark = button('stage-mark' + (each.taken ? ' stage-taken' : ''), words, each.taken ?? 'transparent', () => (each.taken ? ask('untake', each) : offer(mark, each)));
      if (!each.taken) mark.setAttribute('aria-expanded', 'false');
      [mark.style.left, mark.style.top] = [each.x, each.y].map((at) => `clamp(14px, ${at * 100}%, calc(100% - 14px))`);
      return mark;
    }));
  };
}
