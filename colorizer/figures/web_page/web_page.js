'use strict';
const photos = [...document.querySelectorAll('.photo')];
const nav = document.querySelector('nav');
const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
let at = 0;
let sweep = 0;

function place(photo, percent) {
  const stage = photo.querySelector('.stage');
  stage.querySelector('[type=range]').value = percent;
  stage.style.setProperty('--at', percent + '%');
}

// Uncover the colours once, from the right to the middle.
function uncover(photo) {
  cancelAnimationFrame(sweep);
  if (still) return place(photo, 50);
  let begun;
  const step = (now) => {
    begun ??= now;
    const share = Math.min((now - begun) / 1600, 1);
    place(photo, 100 - 50 * (1 - (1 - share) ** 3));
    if (share < 1) sweep = requestAnimationFrame(step);
  };
  place(photo, 100);
  sweep = requestAnimationFrame(step);
}

for (const photo of photos) {
  const divider = photo.querySelector('[type=range]');
  for (const kind of ['pointerdown', 'keydown']) divider.addEventListener(kind, () => cancelAnimationFrame(sweep));
  divider.addEventListener('input', () => place(photo, Number(divider.value)));
  // One press moves it by a fiftieth of the picture; by itself, a slider without steps moves as far as the browser likes.
  divider.addEventListener('keydown', (event) => {
    const by = { ArrowLeft: -2, ArrowDown: -2, ArrowRight: 2, ArrowUp: 2 }[event.key];
    if (!by || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    place(photo, Math.min(Math.max(Number(divider.value) + by * (event.shiftKey ? 5 : 1), 0), 100));
  });
  for (const choice of photo.querySelectorAll('[type=radio]')) {
    choice.addEventListener('change', () => {
      photo.querySelectorAll('.before').forEach((picture, i) => { picture.hidden = i !== Number(choice.value); });
      photo.querySelector('.left b').textContent = choice.parentElement.textContent;
    });
  }
}

function show(which) {
  at = (which + photos.length) % photos.length;
  photos.forEach((photo, i) => { photo.hidden = i !== at; });
  nav.querySelector('span').textContent = nav.dataset.count.replace('{number}', at + 1).replace('{count}', photos.length);
  uncover(photos[at]);
}

// The keys of the Show tab, where no control has them for itself.
const GO = {
  ArrowRight: () => at + 1, PageDown: () => at + 1, ' ': () => at + 1, n: () => at + 1,
  ArrowLeft: () => at - 1, PageUp: () => at - 1, Backspace: () => at - 1, p: () => at - 1,
  Home: () => 0, End: () => photos.length - 1,
};

if (nav) {
  document.body.classList.add('several');
  nav.hidden = false;
  nav.querySelector('.previous').addEventListener('click', () => show(at - 1));
  nav.querySelector('.next').addEventListener('click', () => show(at + 1));
  document.addEventListener('keydown', (event) => {
    const go = GO[event.key.length > 1 ? event.key : event.key.toLowerCase()];
    if (!go || event.altKey || event.ctrlKey || event.metaKey || event.defaultPrevented) return;
    if (event.target.closest('[type=radio]') && event.key.startsWith('Arrow')) return;
    if (event.target.closest('[type=range]') && /^(Arrow|Home|End)/.test(event.key)) return;
    if (event.key === ' ' && event.target.closest('button, summary, input')) return;
    event.preventDefault();
    show(go());
  });
  show(0);
} else {
  uncover(photos[0]);
}
