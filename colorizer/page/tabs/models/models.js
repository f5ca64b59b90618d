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

const sort = (heading) => {
  const row = heading.parentElement, body = row.closest('table').tBodies[0], column = heading.cellIndex;
  const first = heading.querySelector('button').dataset.down === '1' ? 'descending' : 'ascending';
  const other = first === 'descending' ? 'ascending' : 'descending';
  const order = heading.getAttribute('aria-sort') === first ? other : first;
  for (const each of row.cells) each.removeAttribute('aria-sort');
  heading.setAttribute('aria-sort', order);
  const sign = order === 'ascending' ? 1 : -1;
  const value = (tr) => tr.cells[column].dataset.value;
  const compare = (a, b) => {
    if (a === undefined || b === undefined) return (a === undefined) - (b === undefined);  // what is not known goes last
    return sign * (column ? a - b : a.localeCompare(b));
  };
  body.append(...[...body.rows].sort((a, b) => compare(value(a), value(b))));
};

element.addEventListener('click', (event) => {
  const on = (selector) => event.target.closest(selector);
  const link = on('a[data-card]'), use = on('[data-choose]'), file = on('[data-weights]');
  if (link) { event.preventDefault(); open(link.dataset.card); }
  else if (use) trigger('choose', { name: use.dataset.choose });
  else if (file) trigger('weights', { name: file.dataset.weights, n: ++fetched });
  else if (on('.models-table thead button')) sort(on('th'));
});

watch('value', show);
watch('file', () => {
  const link = document.createElement('a');
  link.href = props.file.weights.url;
  link.download = props.file.weights.orig_name || '';
  link.click();
});
show();
