// The table of a comparison comes as HTML from the server; here it is sorted and copied.
const table = element.querySelector('.models');
const show = () => { table.innerHTML = props.value || ''; };

element.addEventListener('click', async ({ target }) => {
  const heading = target.closest('thead button'), copy = target.closest('.copy');
  if (heading) sortTable(heading.closest('th'));
  if (copy) copy.nextElementSibling.textContent = (await copyTable(table.querySelector('table'))) ? copy.dataset.done : copy.dataset.else;
});

watch('value', show);
show();
