// Cards come as HTML made on the server, once the tab is looked at; here they are sorted, opened, chosen and fetched.
const models = element.querySelector('.models');
let fetched = 0;

const show = () => { models.innerHTML = props.value || ''; };

const open = (name) => {
  const card = [...models.querySelectorAll('.model')].find((each) => each.dataset.name === name);
  if (!card) return;
  card.open = true;
  const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
  card.scrollIntoView({ behavior: still ? 'auto' : 'smooth', block: 'start' });
  card.querySelector('summary').focus({ preventScroll: true });
};

element.addEventListener('click', (event) => {
  const on = (selector) => event.target.closest(selector);
  const link = on('a[data-card]'), use = on('[data-choose]'), file = on('[data-weights]');
  if (link) { event.preventDefault(); open(link.dataset.card); }
  else if (use) trigger('choose', { name: use.dataset.choose });
  else if (file) trigger('weights', { name: file.dataset.weights, n: ++fetched });
  else if (on('.models-table thead button')) sortTable(on('th'));
});

watch('value', show);
watch('file', () => {
  const link = document.createElement('a');
  link.href = props.file.weights.url;
  link.download = props.file.weights.orig_name || '';
  link.click();
});
show();
