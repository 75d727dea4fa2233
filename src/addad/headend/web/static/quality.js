// Voltage in its band and distortion against its limit, a row a phase (EN 50160).
import { fill, label, path, phases, round, s, table } from './dom.js';
import { known, num, quantity, withUnit } from './format.js';
import { picture, widthOf } from './draw.js';
import { t } from './i18n.js';

const LIMIT_THD = 8;
const NOMINAL_V = 230;
const BAND_V = 23;
const LEFT = 26;
const VALUES = 88;
const ROW = 28;
const HEIGHT = 3 * ROW;

/** Three rows on one axis from `low` to `high`; `mark(x, y, i)` draws a row's value. */
function rows(top, width, [low, high], title, unit, ticks, limits, values, decimals, mark) {
 const x = (value) => round(LEFT + ((Math.max(low, Math.min(high, value)) - low) / (high - low)) * (width - LEFT - VALUES));
 const bottom = top + HEIGHT;
 return [
  label(0, top - 12, title, 'b'),
  limits.length > 1 ? s('rect', { x: x(limits[0]), y: top, width: x(limits[1]) - x(limits[0]), height: HEIGHT, class: 'band' }) : null,
  ticks.map((tick) => [path(`M${x(tick)} ${top}V${bottom}`, 'gl'), label(x(tick), bottom + 14, num(tick), 'ax', 'middle')]),
  label(x(high) + 14, bottom + 14, unit, 'ax'),
  phases((i, name) => {
   const y = top + i * ROW + ROW / 2;
   return [label(0, y + 4, name, `b t${i + 1}`), known(values[i]) ? mark(x, y, values[i]) : null, label(width, y + 4, withUnit(values[i], decimals, unit), 'b', 'end')];
  }),
  limits.map((limit) => path(`M${x(limit)} ${top}V${bottom}`, 'limit')),
 ];
}

function verdict(live) {
 const names = (test) => phases((i, name) => (test(i) ? name : null)).filter(Boolean).join(', ');
 const off = names((i) => Math.abs(live.u[i] - NOMINAL_V) > BAND_V);
 const over = names((i) => live.thd_u[i] > LIMIT_THD);
 if (off) return ['warning', t('Voltage out of its band.'), t('{phases} is more than a tenth away from 230 V.', { phases: off })];
 if (over) return ['warning', t('Distortion above its limit.'), t('{phases} is above the limit tick.', { phases: over })];
 return ['good', t('Within limits.'), t('Shown are values of now; EN 50160 judges 10-minute means over a week.')];
}

export function drawQuality(live, say) {
 if (!live?.u.some(known)) return;
 const width = widthOf('quality');
 const words = phases((i, name) => `${name} ${num(live.u[i], 1)} V, ${num(live.thd_u[i], 2)} %`).join('; ');
 picture('quality', width, 278, `${t('Voltage and distortion')}: ${words}`,
  rows(24, width, [195, 265], t('Voltage'), 'V', [NOMINAL_V - BAND_V, NOMINAL_V, NOMINAL_V + BAND_V], [NOMINAL_V - BAND_V, NOMINAL_V + BAND_V], live.u, 1,
   (x, y, value) => [path(`M${LEFT} ${y}H${x(265)}`, 'gl'), path(`M${x(value)} ${y - 7}v14`, 'mark')]),
  rows(172, width, [0, 12], t('Voltage distortion, THD'), '%', [0, 4, LIMIT_THD, 12], [LIMIT_THD], live.thd_u, 2,
   (x, y, value) => s('rect', { x: LEFT, y: y - 7, width: Math.max(1, round(x(value) - LEFT)), height: 14, class: value > LIMIT_THD ? 'over' : 'bar' })));
 fill('quality-table', table(t('Voltage and distortion'), ['', 'U', 'I', t('THD of U'), t('THD of I')], phases((i, name) => [
  name, quantity(live.u[i], 1, 'V'), quantity(live.i[i], 2, 'A'), quantity(live.thd_u[i], 2, '%'), quantity(live.thd_i[i], 1, '%')])));
 say('quality-verdict', ...verdict(live));
}
