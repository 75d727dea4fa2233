// What the drawings share: their true width, round scales, the hatching of export.
import { label, path, round, s } from './dom.js';
import { num } from './format.js';

/** An element's width, so that text in its drawing stays as large as text. */
export const widthOf = (element, least = 260) => Math.max(least, Math.floor(element.clientWidth));

export const picture = (width, height, children, attributes = {}) =>
  s('svg', { viewBox: `0 0 ${width} ${height}`, width, height, 'aria-hidden': 'true', ...attributes }, children);

/** Export is hatched, so that it differs from import without colour. `id` is the drawing's own. */
export const hatching = (id) =>
  s('defs', null, s('pattern', { id, width: 6, height: 6, patternUnits: 'userSpaceOnUse', patternTransform: 'rotate(45)' },
    s('rect', { width: 6, height: 6, class: 'soft-exp' }), path('M0 0V6', { class: 'hat' })));

/** The smallest of 1, 2, 5 × 10^n that divides `span` into at most `most` parts. */
export function roundStep(span, most) {
  const least = span / most;
  const power = 10 ** Math.floor(Math.log10(least));
  return [1, 2, 5, 10].map((k) => k * power).find((step) => step >= least * 0.9999);
}

/** A scale that grows only in round steps: {low, high, step, decimals}. */
export function roundScale(low, high, most) {
  const step = roundStep(Math.max(high - low, 1e-9), most);
  return {
    low: Math.floor(low / step + 1e-9) * step,
    high: Math.ceil(high / step - 1e-9) * step,
    step,
    decimals: Math.max(0, -Math.floor(Math.log10(step) + 1e-9)),
  };
}

/** Grid lines with their numbers (magnitudes) at the left; `y` gives heights. */
export function grid(scale, y, left, right) {
  const lines = [];
  const first = Math.round(scale.low / scale.step);
  const last = Math.round(scale.high / scale.step);
  for (let k = first; k <= last; k++) {
    const at = y(k * scale.step);
    lines.push(path(`M${left} ${round(at)}H${right}`, { class: k ? 'gl' : 'zl' }),
      label(left - 8, at + 4, num(Math.abs(k * scale.step), scale.decimals), 'ax', 'end'));
  }
  return lines;
}

/** A path through points [x, y]. */
export const through = (points) => points.map(([x, y], i) => `${i ? 'L' : 'M'}${round(x)} ${round(y)}`).join('');

/** ▼ filled for import, △ hollow for export. */
export const arrow = (imports) =>
  s('svg', { class: 'dir', viewBox: '0 0 26 26', 'aria-hidden': 'true' }, imports
    ? path('M3 4h20L13 23z', { fill: 'var(--import)' })
    : path('M4.5 21h17L13 4.5z', { fill: 'none', stroke: 'var(--export)', 'stroke-width': 2.4, 'stroke-linejoin': 'round' }));
