// What is open, what the visitor chose, and what the page says of it.
import { labOf } from './colour.js';
import { FAULTS } from './faults.js';
import { say, words } from './words.js';

export const at = (id) => document.getElementById(id);
export const state = { name: '', size: [0, 0], look: FACTS.look, number: 0, urls: {}, colours: false };
export const lookOf = (name) => FACTS.looks[name];
export const factor = () => Number(at('saturation').value);
export const chosen = () => ({ ...lookOf(state.look), saturation: factor() });

export function tell(key, values) {
  at('status').textContent = key ? say(key, values) : '';
}

// A picture's address; the one before with this name is no longer needed.
export function address(name, blob) {
  if (state.urls[name]) URL.revokeObjectURL(state.urls[name]);
  state.urls[name] = URL.createObjectURL(blob);
  return state.urls[name];
}

export function failed(error, name = state.name) {
  tell(FAULTS[error.message] ?? 'site_failed', { name });
}

export function dataAddress(blob) {
  return new Promise((resolve) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result);
    reader.readAsDataURL(blob);
  });
}

export const sides = () => ['gray', 'predicted', ...(state.colours ? ['original'] : [])];

// ---- corrections, as the picker has them

export const points = () => (pickerProps.value ?? []).map((point) => ({ ...point, ab: point.ab ?? labOf(point.color, FACTS.gamut).slice(1) }));
export const pickerProps = {
  value: [], words, shown: {}, named: { ...FACTS.names, ...Object.fromEntries(Object.entries(FACTS.shades).map(([name, [, own]]) => [name, own])) },
  shades: Object.values(FACTS.shades), hues: Object.keys(FACTS.shades),
};
