// A table that sorts by the heading that is clicked, and that can be copied. Its cells hold their value in data-value.
function sortTable(heading) {
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
}

// As spreadsheets take it: a line for each row, tabs between the cells. Where a page may not copy, the table is selected.
async function copyTable(table) {
  const lines = [...table.rows].map((row) => [...row.cells].map((cell) => cell.innerText.trim()).join('\t'));
  try {
    await navigator.clipboard.writeText(lines.join('\n') + '\n');
    return true;
  } catch {
    getSelection().selectAllChildren(table);
    return false;
  }
}
