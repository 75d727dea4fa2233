// What the drawings share: their true width, round scales, the hatching of export.
import { byId, fill, label, path, round, s } from './dom.js';
import { num } from './format.js';

export const widthOf = (id) => Math.max(260, Math.floor(byId(id).clientWidth));

/** A drawing of true size; with words it is a picture, else decoration. */
export const picture = (id, width, height, words, ...marks) => fill(id,
 s('svg', { viewBox: `0 0 ${width} ${height}`, width, height, role: words ? 'img' : null, 'aria-label': words, 'aria-hidden': words ? null : 'true' }, marks));

/** Export is hatched, so that it differs from import without colour. */
export const hatching = (id) => s('defs', null, s('pattern', { id, width: 6, height: 6, patternUnits: 'userSpaceOnUse', patternTransform: 'rotate(45)' },
 s('rect', { width: 6, height: 6, class: 'soft-exp' }), path('M0 0V6', 'hat')));

/** A scale that changes only in round steps, at most so many. */
export function roundScale(low, high, most) {
 const least = Math.max(high - low, 1e-9) / most;
 const power = 10 ** Math.floor(Math.log10(least));
 const step = [1, 2, 5, 10].map((k) => k * power).find((one) => one >= least * 0.9999);
 const [first, last] = [Math.floor(low / step + 1e-9), Math.ceil(high / step - 1e-9)];
 return { first, last, low: first * step, high: last * step, step, decimals: Math.max(0, -Math.floor(Math.log10(step) + 1e-9)) };
}

/** Grid lines with magnitudes at the left and the unit once above; `y` gives heights. */
export function grid(scale, y, left, right, unit, unitY) {
 const lines = [label(0, unitY, unit, 'ax')];
 for (let k = scale.first; k <= scale.last; k++) {
  const at = y(k * scale.step);
  lines.push(path(`M${left} ${round(at)}H${right}`, k ? 'gl' : 'zl'), label(left - 8, at + 4, num(Math.abs(k * scale.step), scale.decimals), 'ax', 'end'));
 }
 return lines;
}

export const through = (points) => points.map(([x, y], i) => `${i ? 'L' : 'M'}${round(x)} ${round(y)}`).join('');
