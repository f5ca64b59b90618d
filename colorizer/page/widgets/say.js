// Puts a widget's words where its template wants them; comes before the widget's own script.
function sayWord(node, what) {
  const [key, where = 'text'] = what.split('@');
  const sentence = props.words?.[key] ?? '';
  if (where === 'text') node.textContent = sentence;
  else if (where === 'html') node.innerHTML = sentence;
  else node.setAttribute(where, sentence);
}
function sayWords() {
  for (const node of element.querySelectorAll('[data-say]')) {
    for (const what of node.dataset.say.split(' ')) sayWord(node, what);
  }
}
watch('words', sayWords);
sayWords();
