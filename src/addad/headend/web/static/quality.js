// Voltage in its band and distortion against its limit, a row a phase (EN 50160).
import { byId, fill, label, path, round, s, table } from './dom.js';
import { known, num, quantity, withUnit } from './format.js';
import { picture, widthOf } from './draw.js';
import { t } from './i18n.js';

const LIMIT_THD = 8;
const NOMINAL_V = 230;
const BAND = 0.1;
const LEFT = 26;
const ROW = 30;

function axis(scale, top, bottom, values, unit, title) {
  return [
    label(0, top - 24, title, 'b'),
    values.map((value) => [path(`M${round(scale(value))} ${top - 4}V${bottom}`, { class: 'gl' }),
      label(scale(value), bottom + 14, num(value), 'ax', 'middle')]),
    label(scale(values.at(-1)) + 14, bottom + 14, unit, 'ax'),
  ];
}

function voltages(live, width, top) {
  const [low, high] = [NOMINAL_V * (1 - BAND), NOMINAL_V * (1 + BAND)];
  const x = (value) => LEFT + ((Math.max(195, Math.min(265, value)) - 195) / 70) * (width - LEFT - 96);
  const bottom = top + 3 * ROW;
  return [
    s('rect', { x: round(x(low)), y: top - 4, width: round(x(high) - x(low)), height: bottom - top + 4, class: 'band' }),
    axis(x, top, bottom, [low, NOMINAL_V, high], 'V', t('voltageBand')),
    [low, high].map((value) => path(`M${round(x(value))} ${top - 4}V${bottom}`, { class: 'limit' })),
    [0, 1, 2].map((i) => {
      const y = top + i * ROW + 13;
      return [label(0, y + 4, `L${i + 1}`, `b t${i + 1}`),
        path(`M${LEFT} ${y}H${round(x(265))}`, { class: 'gl' }),
        known(live.u[i]) ? path(`M${round(x(live.u[i]))} ${y - 7}v14`, { class: 'mark' }) : null,
        label(width, y + 4, withUnit(live.u[i], 1, 'V'), 'b', 'end')];
    }),
  ];
}

function distortion(live, width, top) {
  const x = (value) => LEFT + (Math.min(12, value) / 12) * (width - LEFT - 96);
  const bottom = top + 3 * ROW;
  return [
    axis(x, top, bottom, [0, 4, LIMIT_THD, 12], '%', t('thdTitle')),
    [0, 1, 2].map((i) => {
      const y = top + i * ROW + 6;
      const value = live.thd_u[i];
      return [label(0, y + 11, `L${i + 1}`, `b t${i + 1}`),
        known(value) ? s('rect', { x: LEFT, y, width: round(Math.max(1, x(value) - LEFT)), height: 14, class: value > LIMIT_THD ? 'over' : 'bar' }) : null,
        path(`M${round(x(LIMIT_THD))} ${y - 4}v22`, { class: 'limit' }),
        label(width, y + 11, withUnit(value, 2, '%'), 'b', 'end')];
    }),
  ];
}

function verdict(live) {
  const names = (test) => [0, 1, 2].filter(test).map((i) => `L${i + 1}`).join(', ');
  const off = names((i) => known(live.u[i]) && Math.abs(live.u[i] - NOMINAL_V) > NOMINAL_V * BAND);
  const over = names((i) => live.thd_u[i] > LIMIT_THD);
  if (off) return ['warning', t('voltageOutHead'), t('voltageOut', { phases: off })];
  if (over) return ['warning', t('thdOverHead'), t('thdOver', { phases: over })];
  return ['good', t('withinHead'), t('within')];
}

/** Draw bands, bars, table and verdict of the newest values. */
export function drawQuality(live, say) {
  if (!live?.u.some(known)) return;
  const box = byId('quality');
  const width = widthOf(box);
  const words = [0, 1, 2].map((i) => `L${i + 1}: ${withUnit(live.u[i], 1, 'V')}, ${withUnit(live.thd_u[i], 2, '%')}`).join('; ');
  fill(box, picture(width, 284, [voltages(live, width, 30), distortion(live, width, 176)],
    { role: 'img', 'aria-hidden': null, 'aria-label': `${t('qualityTitle')}. ${words}` }));
  fill(byId('quality-table'), table(t('qualityTitle'), ['', 'U', 'I', t('thdU'), t('thdI')], [0, 1, 2].map((i) => [
    `L${i + 1}`, quantity(live.u[i], 1, 'V'), quantity(live.i[i], 2, 'A'), quantity(live.thd_u[i], 2, '%'), quantity(live.thd_i[i], 1, '%'),
  ])));
  say('quality-verdict', ...verdict(live));
}
