// Whether Colorizer made a picture's colours, as `Metadata.predicted` in `colorizer/photo/metadata.py` judges.
const TEXTS = /^(tEXt|zTXt|iTXt|eXIf)$/; // PNG's chunks that say something
const MOST = 2 ** 24; // bytes of what one of them may unpack to
const latin = (bytes) => new TextDecoder('latin1').decode(bytes);

// A step of XMP's history says so, or a description.
export async function isOurs(file) {
  const said = await wordsIn(new Uint8Array(await file.arrayBuffer()));
  if (!said.includes('Colorizer')) return false;
  const steps = said.split(/<(?:[\w-]+:)?li\b/).slice(1).map((step) => step.split(/<\/(?:[\w-]+:)?(?:li|Seq)\s*>/)[0]);
  return said.includes('Colours predicted by Colorizer') || steps.some((step) => (
    /:softwareAgent(>|\s*=\s*["'])Colorizer/.test(step) && /:parameters[^]*colours predicted/.test(step)));
}

async function wordsIn(bytes) {
  if (latin(bytes.subarray(1, 4)) !== 'PNG') return latin(bytes);
  const view = new DataView(bytes.buffer);
  const found = [];
  for (let at = 8, length; at + 12 <= bytes.length; at += 12 + length) {
    length = view.getUint32(at);
    const kind = latin(bytes.subarray(at + 4, at + 8));
    if (TEXTS.test(kind)) found.push(await textOf(kind, bytes.subarray(at + 8, at + 8 + length)));
  }
  return found.join('\n');
}

// A chunk's text, unpacked; ImageMagick writes blocks of metadata as hexadecimal digits.
async function textOf(kind, data) {
  const keyword = data.indexOf(0);
  let text = latin(data.subarray(keyword + 1));
  if (kind === 'zTXt') text = await unpacked(data.subarray(keyword + 2));
  if (kind === 'iTXt' && data[keyword + 1]) text = await unpacked(data.subarray(data.indexOf(0, data.indexOf(0, keyword + 3) + 1) + 1));
  if (!latin(data.subarray(0, keyword)).startsWith('Raw profile type')) return text;
  return text.trim().split(/\s+/).slice(2).join('').replace(/../g, (digits) => String.fromCharCode(parseInt(digits, 16)));
}

async function unpacked(data) {
  const reader = new Blob([data]).stream().pipeThrough(new DecompressionStream('deflate')).getReader();
  let text = '';
  try {
    for (let part = await reader.read(); !part.done && text.length < MOST; part = await reader.read()) text += latin(part.value);
  } catch { /* cut or damaged: what could be read */ }
  reader.cancel().catch(() => {});
  return text;
}
