// Pictures as files, with what they say of themselves: PNG written row by row, JPEG by the browser.
const SOURCE = 'http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia';
const PNG = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const utf8 = (text) => new TextEncoder().encode(text);
const big = (value) => [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];
const escaped = (text) => text.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`)
  .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd]/g, '');

// XMP as `colorizer/photo/xmp.py` writes it. said: { sentence, software, date, parameters }.
export function packetOf({ sentence, software, date, parameters }) {
  return `<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""
 xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" xmlns:xmpMM="http://ns.adobe.com/xap/1.0/mm/"
 xmlns:stEvt="http://ns.adobe.com/xap/1.0/sType/ResourceEvent#" xmlns:dc="http://purl.org/dc/elements/1.1/"
 Iptc4xmpExt:DigitalSourceType="${SOURCE}"><xmpMM:History><rdf:Seq><rdf:li rdf:parseType="Resource"
><stEvt:action>edited</stEvt:action><stEvt:softwareAgent>${escaped(software)}</stEvt:softwareAgent><stEvt:when>${escaped(date)}</stEvt:when
><stEvt:parameters>${escaped(JSON.stringify(parameters))}</stEvt:parameters></rdf:li></rdf:Seq></xmpMM:History
><dc:description><rdf:Alt><rdf:li xml:lang="x-default">${escaped(sentence)}</rdf:li></rdf:Alt></dc:description
></rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>`;
}

let crcs;
function crcOf(...parts) {
  crcs ??= Uint32Array.from({ length: 256 }, (_, n) => {
    for (let k = 0; k < 8; k++) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1;
    return n;
  });
  let crc = -1;
  for (const bytes of parts) for (let i = 0; i < bytes.length; i++) crc = crcs[(crc ^ bytes[i]) & 255] ^ (crc >>> 8);
  return (crc ^ -1) >>> 0;
}

function chunk(name, data) {
  const kind = utf8(name);
  return [Uint8Array.from(big(data.length)), kind, data, Uint8Array.from(big(crcOf(kind, data)))];
}

// The row after the one of PNG's filters whose differences are smallest at some of its samples, which compresses best.
function filtered(row, above, target) {
  const sums = [0, 0, 0];
  for (let i = 3; i < row.length; i += 17) {
    sums[0] += Math.abs(((row[i] - row[i - 3]) << 24) >> 24);
    sums[1] += Math.abs(((row[i] - above[i]) << 24) >> 24);
    sums[2] += Math.abs(((row[i] - paeth(row[i - 3], above[i], above[i - 3])) << 24) >> 24);
  }
  const best = sums.indexOf(Math.min(...sums));
  target[0] = [1, 2, 4][best];
  for (let i = 0; i < row.length; i++) {
    const left = i < 3 ? 0 : row[i - 3];
    const corner = i < 3 ? 0 : above[i - 3];
    target[i + 1] = row[i] - (best === 0 ? left : best === 1 ? above[i] : paeth(left, above[i], corner));
  }
}

function paeth(left, up, corner) {
  const a = Math.abs(up - corner);
  const b = Math.abs(left - corner);
  const c = Math.abs(left + up - 2 * corner);
  return a <= b && a <= c ? left : b <= c ? up : corner;
}

// A PNG of strips { data: RGBA, rows }, whatever their number: nothing of the whole picture's size is kept but the file.
export async function pngOf(strips, width, height, said, progress = () => {}) {
  const deflated = new CompressionStream('deflate');
  const writer = deflated.writable.getWriter();
  const compressed = collect(deflated.readable);
  let above = new Uint8Array(3 * width);
  let row = new Uint8Array(3 * width);
  let done = 0;
  for (const { data, rows } of strips) {
    const bytes = new Uint8Array(rows * (3 * width + 1));
    for (let y = 0; y < rows; y++) {
      for (let x = 0, p = 4 * y * width; x < width; x++, p += 4) {
        row[3 * x] = data[p];
        row[3 * x + 1] = data[p + 1];
        row[3 * x + 2] = data[p + 2];
      }
      filtered(row, above, bytes.subarray(y * (3 * width + 1), (y + 1) * (3 * width + 1)));
      [above, row] = [row, above];
    }
    await writer.write(bytes);
    done += rows;
    progress(done / height);
  }
  await writer.close();
  const header = Uint8Array.from([...big(width), ...big(height), 8, 2, 0, 0, 0]);
  const text = (keyword, words) => chunk('iTXt', utf8(`${keyword}\0\0\0\0\0${words}`));
  return new Blob([
    Uint8Array.from(PNG), ...chunk('IHDR', header), ...chunk('sRGB', Uint8Array.of(0)),
    ...text('XML:com.adobe.xmp', packetOf(said)), ...text('Description', said.sentence), ...text('Software', said.software),
    ...(await compressed).flatMap((data) => chunk('IDAT', data)), ...chunk('IEND', new Uint8Array()),
  ], { type: 'image/png' });
}

async function collect(readable) {
  const parts = [];
  const reader = readable.getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) parts.push(part.value);
  return parts;
}

// A JPEG that the browser made, with XMP after its first segment.
export async function withXmp(jpeg, said) {
  const head = new DataView(await jpeg.slice(0, 64).arrayBuffer());
  const after = head.getUint16(2) === 0xffe0 ? 4 + head.getUint16(4) : 2; // APP0 has to be the first
  const body = utf8(`http://ns.adobe.com/xap/1.0/\0${packetOf(said)}`);
  if (body.length > 65533) return withXmp(jpeg, { ...said, parameters: { ...said.parameters, hints: undefined } });
  const segment = Uint8Array.from([0xff, 0xe1, (body.length + 2) >> 8, (body.length + 2) & 255]);
  return new Blob([jpeg.slice(0, after), segment, body, jpeg.slice(after)], { type: 'image/jpeg' });
}
