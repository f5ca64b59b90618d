// Files of the result: the picture with what it says of itself, and a page to send.
import { ask } from './questions.js';
import { chosen, dataAddress, points, sides, state, tell } from './state.js';
import { decimal, say } from './words.js';

function provenance() {
  const [width, height] = state.size;
  const { temperature, vividness = 0, saturation, finish, palette } = chosen();
  const hints = points().filter((point) => !point.off).map(({ x, y, color, ab, reach, path, note }) => ({
    x: Math.round(x * width * 100) / 100, y: Math.round(y * height * 100) / 100, color, ab,
    ...(reach && { reach }), ...(path?.length && { path: path.map(([a, b]) => [a * width, b * height]) }), ...(note && { note }),
  }));
  const settings = { temperature: temperature ?? FACTS.temperature, vividness, saturation, ...(FACTS.finishes && { finish }), ...(palette && { palette }) };
  const now = new Date();
  const date = [now.getFullYear(), now.getMonth() + 1, now.getDate()].map((part) => String(part).padStart(2, '0')).join('-');
  return {
    sentence: `Colours predicted by Colorizer, checkpoint ${FACTS.checkpoint}`, software: FACTS.software, date,
    parameters: { task: 'colours predicted', checkpoint: FACTS.checkpoint, sha256: FACTS.sha256, settings, ...(hints.length && { hints }) },
  };
}

export async function made(kind) {
  const told = (share) => tell('site_saving', { percent: Math.round(100 * share) });
  told(0);
  const question = { look: chosen(), points: points(), kind, said: provenance() };
  const { file } = await ask('save', question, told);
  return new File([file], nameOfFile(kind), { type: file.type });
}

const nameOfFile = (kind) => `${state.name.replace(/\.[^.]*$/, '') || 'photograph'}-colorized.${kind}`;

// One file to send, as the page of Gradio makes it: the pictures with a divider, and how the colours were made.
async function page() {
  const said = provenance();
  const textOf = async (name) => dataAddress(await (await fetch(name)).blob());
  const [colour, gray, original] = await Promise.all(['predicted', 'gray', 'original'].map((name) => textOf(state.urls[name])));
  const [Regular, SemiBold] = await Promise.all(['Regular', 'SemiBold'].map((weight) => textOf(`Inter-${weight}.woff2`)));
  const [width, height] = state.size.map((side) => Math.round(side * Math.min(1, FACTS.preview / Math.max(...state.size))));
  const settings = Object.entries(said.parameters.settings).filter(([, value]) => typeof value === 'number');
  const parts = {
    colour, gray, original, Regular, SemiBold, width, height, ratio: width / height, most: 2 * width, name: state.name,
    language: document.documentElement.lang, gray_name: say('grayscale'), colour_name: say(said.parameters.hints ? 'side_hinted' : 'in_colour'), original_name: say('original'),
    divider: say('side_divider'), left: say('side_left'), about_name: say('export_about'),
    guess: say('export_guess', { checkpoint: FACTS.checkpoint, date: said.date }),
    about: [say('export_invented'), say('export_photo', { name: state.name, width: state.size[0], height: state.size[1] }),
      say('export_settings', { settings: settings.map(([name, value]) => `${say(name)} ${decimal(value)}`).join(', ') }),
      ...points().filter(({ note, off }) => note && !off).map(({ note }) => say('export_note', { note })),
      say('export_sha256', { sha256: FACTS.sha256 })].join(' '),
  };
  const template = await (await fetch(`sent-${sides().length}.html`)).text();
  const escaped = (text) => text.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);
  return template.replace(/\{\{(\w+)\}\}/g, (_, key) => escaped(String(parts[key])));
}

export const pageFile = async () => new File([await page()], nameOfFile('html'), { type: 'text/html' });
