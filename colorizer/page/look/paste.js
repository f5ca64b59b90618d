// Ctrl+V anywhere adds the photo: Gradio listens only to its own paste button.
document.addEventListener('paste', (event) => {
  const inputs = [...document.querySelectorAll('.photo input[type=file]')];
  const input = inputs.find((each) => each.closest('.photo').offsetParent) ?? inputs[0];
  const files = [...(event.clipboardData?.files ?? [])].filter((file) => file.type.startsWith('image/'));
  if (!input || !files.length) return;
  const transfer = new DataTransfer();
  transfer.items.add(files[0]);
  input.files = transfer.files;
  input.dispatchEvent(new Event('change', { bubbles: true }));
});
