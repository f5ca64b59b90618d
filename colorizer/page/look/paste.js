// What is a picture, the server decides by a file's bytes. Browsers give many no type (.HEIC, .jpx, names without a suffix),
// and Gradio takes none but images, so every file that is chosen, dropped or pasted for a photo passes for one here.
const [PHOTO, FILES] = ['.photo, .reference', '.photo, .reference, #many-files'];
const typed = (file) => /^image\/|zip/.test(file.type);

function asPictures(files) {
  const transfer = new DataTransfer();
  for (const file of files) {
    transfer.items.add(typed(file) ? file : new File([file], file.name, { type: 'image/unknown' }));
  }
  return transfer;
}

document.addEventListener('change', (event) => {
  const input = event.target;
  if (input.type !== 'file' || !input.closest(FILES) || [...input.files].every(typed)) return;
  input.files = asPictures(input.files).files;
}, true);
document.addEventListener('drop', (event) => {
  const files = [...(event.dataTransfer?.files ?? [])];
  if (!event.target.closest?.(FILES) || files.every(typed)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const again = { bubbles: true, cancelable: true, dataTransfer: asPictures(files) };
  event.target.dispatchEvent(new DragEvent('drop', again));
}, true);
// With a mouse, the system's dialog offers these files too. On a phone, "image/*" leads to the photos.
document.addEventListener('click', (event) => {
  const input = event.target;
  if (input.type === 'file' && input.closest(PHOTO) && matchMedia('(pointer: fine)').matches) input.removeAttribute('accept');
}, true);

// Ctrl+V anywhere adds the photo: Gradio listens only to its own paste button.
document.addEventListener('paste', (event) => {
  const inputs = [...document.querySelectorAll('.photo input[type=file]')];
  const input = inputs.find((each) => each.closest('.photo').offsetParent) ?? inputs[0];
  const files = [...(event.clipboardData?.files ?? [])];
  const file = files.find(typed) ?? files[0];
  if (!input || !file) return;
  input.files = asPictures([file]).files;
  input.dispatchEvent(new Event('change', { bubbles: true }));
});
