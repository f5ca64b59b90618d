// Zooms and moves all pictures of a stage in step. Where they are is a share of one picture's view.
const MOST = 8;
const STEP = 1.5;
const EDGE = 0.1; // of the view: as near to its edge comes what the keyboard goes to
const NEAR = 28; // pixels around the divider's line that take hold of it

// frame: what holds all pictures, those of the colour picker too. It moves with the others, but keeps the mouse and one
// finger; two fingers move it. With an event 'seek' it asks for a point, { x, y } of the picture, to be in view.
// whole, buttons: back to the whole picture, and [out, in]. slider, place: the divider.
function makeZoom(frame, room, { whole, buttons: [out, into], slider, place }) {
  let [zoom, x, y] = [1, 0, 0];
  const pointers = new Map(); // by id: { clientX, clientY }
  let held = null; // 'divider' or 'picture'
  const bound = (value, low, high) => Math.min(Math.max(value, low), high);
  const viewOf = (node) => node.closest?.('.stage-view, .picker-stage');

  function apply() {
    x = bound(x, 1 - zoom, 0);
    y = bound(y, 1 - zoom, 0);
    for (const [name, value] of [['--zoom', zoom], ['--x', x * 100 + '%'], ['--y', y * 100 + '%']]) frame.style.setProperty(name, value);
    frame.classList.toggle('stage-zoomed', zoom > 1);
    whole.textContent = Math.round(zoom * 100) + ' %';
    out.disabled = zoom <= 1;
    into.disabled = zoom >= MOST;
    frame.dispatchEvent(new Event('zoomed', { bubbles: true }));
  }

  // The point (u, v) of the view, in shares of it, stays where it is.
  function to(wanted, u = 0.5, v = 0.5) {
    const next = bound(wanted, 1, MOST);
    x = u - ((u - x) * next) / zoom;
    y = v - ((v - y) * next) / zoom;
    zoom = next;
    apply();
  }

  function shareOf(view, { clientX, clientY }) {
    const box = view.getBoundingClientRect();
    return [(clientX - box.left) / box.width, (clientY - box.top) / box.height];
  }

  const middle = () => {
    const all = [...pointers.values()];
    const mean = (name) => all.reduce((sum, each) => sum + each[name], 0) / all.length;
    return { clientX: mean('clientX'), clientY: mean('clientY') };
  };
  const spread = () => {
    const [a, b] = [...pointers.values()];
    return b ? Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY) : 0;
  };

  frame.addEventListener('wheel', (event) => {
    const view = viewOf(event.target);
    const inwards = event.deltaY < 0;
    // A page that is scrolled goes on scrolling under the pointer.
    if (!view || (!event.ctrlKey && zoom === 1 && (!inwards || scrollY > 0))) return;
    event.preventDefault();
    to(zoom * Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.002)), ...shareOf(view, event));
  }, { passive: false });

  room.addEventListener('dblclick', (event) => {
    const view = viewOf(event.target);
    if (view) to(zoom > 1 ? 1 : 2.5, ...shareOf(view, event));
  });

  const few = (view) => !room.contains(view) && pointers.size < 2;

  frame.addEventListener('pointerdown', (event) => {
    const view = viewOf(event.target);
    if (!view || event.button || (!room.contains(view) && zoom === 1)) return;
    if (event.isPrimary) pointers.clear(); // one that left with its node
    pointers.set(event.pointerId, { clientX: event.clientX, clientY: event.clientY });
    if (few(view)) return;
    const [across] = shareOf(view, event);
    const line = view.contains(slider) && Math.abs(across - slider.value / 100) * view.clientWidth < NEAR;
    held = pointers.size === 1 && view.contains(slider) && (line || zoom === 1) ? 'divider' : 'picture';
    if (held === 'divider') { slider.focus({ preventScroll: true }); place(across * 100); }
    else if (zoom === 1 && pointers.size === 1) return;
    view.setPointerCapture(event.pointerId);
    event.preventDefault();
  });

  frame.addEventListener('pointermove', (event) => {
    if (!pointers.has(event.pointerId)) return;
    const view = viewOf(event.target);
    if (!view) return;
    const [before, apart] = [shareOf(view, middle()), spread()];
    pointers.set(event.pointerId, { clientX: event.clientX, clientY: event.clientY });
    if (few(view)) return;
    const now = shareOf(view, middle());
    if (held === 'divider' && pointers.size === 1) return place(now[0] * 100);
    if (pointers.size > 1 && apart) to((zoom * spread()) / apart, ...now);
    x += now[0] - before[0];
    y += now[1] - before[1];
    apply();
  });

  for (const kind of ['pointerup', 'pointercancel', 'lostpointercapture']) {
    frame.addEventListener(kind, (event) => { pointers.delete(event.pointerId); });
  }

  frame.addEventListener('seek', ({ detail }) => {
    const seen = [x + detail.x * zoom, y + detail.y * zoom];
    x += bound(seen[0], EDGE, 1 - EDGE) - seen[0];
    y += bound(seen[1], EDGE, 1 - EDGE) - seen[1];
    apply();
  });

  frame.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches('select, textarea, input:not([type=range])')) return;
    const go = { '+': () => to(zoom * STEP), '=': () => to(zoom * STEP), '-': () => to(zoom / STEP), 0: () => to(1) }[event.key];
    const move = !event.target.matches('input') && !event.target.closest('.picker') && zoom > 1
      && { ArrowLeft: [0.1, 0], ArrowRight: [-0.1, 0], ArrowUp: [0, 0.1], ArrowDown: [0, -0.1] }[event.key];
    if (!go && !move) return;
    event.preventDefault();
    if (go) return go();
    [x, y] = [x + move[0], y + move[1]];
    apply();
  });
  out.addEventListener('click', () => to(zoom / STEP));
  into.addEventListener('click', () => to(zoom * STEP));
  whole.addEventListener('click', () => to(1));
  apply();
  return { to };
}
