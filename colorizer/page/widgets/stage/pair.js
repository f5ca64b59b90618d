// A stage that has only the divider; follows `stage.js` and `zoom.js` in the same function. `element` is its node, `props`
// its properties; `trigger` and `watch` are Gradio's. A side is "gray", "original", "scanned", "coloured", or
// "system:" and a name.
const WORDS = { gray: 'grayscale', original: 'original', scanned: 'as_scanned', coloured: 'as_coloured' };
const words = () => props.words ?? {};
const system = (side) => (side.startsWith('system:') ? side.slice('system:'.length) : '');
const box = element.querySelector('.pair');
let seen; // which photo it is

const stage = makeStage(box.querySelector('.stage'), {
  frame: box,
  onSides(chosen) {
    const { left, right } = props.sides;
    trigger('sides', { left: left.side, right: right.side, ...chosen });
  },
});

function show() {
  const { left, right, options, of } = props.sides ?? {};
  box.hidden = !left;
  if (!left) return;
  if (of !== seen) stage.zoom.to(1);
  seen = of;
  const name = (side) => system(side) || (words()[WORDS[side]] ?? '');
  const alt = (side) => (system(side) ? words().side_system_alt?.replace('{name}', system(side)) : words()[WORDS[side] + '_alt']);
  const picture = ({ side, file }) => ({ id: side, url: file.url, caption: name(side), alt: alt(side) });
  stage.divide({ left: picture(left), right: picture(right), options: options.map((side) => ({ id: side, name: name(side) })) });
}

stage.offer([['compare', '']], 'compare');
watch(['sides', 'words'], show);
show();
