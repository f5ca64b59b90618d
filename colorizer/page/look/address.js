// The tab that is open is in the address, so that Back leads to the one before, and a reload to the same.
const buttons = () => [...document.querySelectorAll('[role=tab][data-tab-id]')];
const asked = () => new URLSearchParams(location.search).get('tab') ?? buttons()[0]?.dataset.tabId;
let before;

function note() {
  const open = document.querySelector('[role=tab][aria-selected=true]')?.dataset.tabId;
  if (!open || open === before) return;
  const first = before === undefined; // the page arrives with its first tab open, and then follows its address
  before = open;
  if (first || open === asked()) return;
  const address = new URL(location);
  if (open === buttons()[0].dataset.tabId) address.searchParams.delete('tab');
  else address.searchParams.set('tab', open);
  history.pushState(null, '', address);
}
new MutationObserver(note).observe(document, { childList: true, subtree: true, attributes: true, attributeFilter: ['aria-selected'] });
addEventListener('popstate', () => buttons().find(({ dataset }) => dataset.tabId === asked())?.click());
