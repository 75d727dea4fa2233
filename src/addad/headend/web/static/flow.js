// Energy flow as a single-line diagram: sun, house and grid on one bus; it closes to 0.00 kW.
import { byId, fill, label, ltr, path, s, table } from './dom.js';
import { known, num, quantity, withUnit } from './format.js';
import { parts, t } from './i18n.js';

const ICONS = {
  sun: 'M6 0A6 6 0 1 1-6 0 6 6 0 1 1 6 0M0-12v2M0 10v2M-12 0h2M10 0h2M-8.500-8.500l1.400 1.400M7.100 7.100l1.400 1.400M-8.500 8.500l1.400-1.400M7.100-7.100l1.400-1.400',
  house: 'M-11 0 0-10 11 0M-8-2v12H8V-2M-2.500 10V4h5v6',
  grid: 'M-7 11-3-11h6l4 22M-9-6H9M-8 0H8M-5.500 4 7 11M5.500 4-7 11',
};
const BUS = 200;

/** Hundredths of a kilowatt, whole: house = sun + grid exactly, so the sum always closes. */
export function balance(live) {
  const grid = Math.round(live.p_total / 10);
  const sun = known(live.site?.pv_w) ? Math.round(live.site.pv_w / 10) : null;
  return { sun, grid, house: (sun ?? 0) + grid };
}

/** One leg; `into` says that power goes to the bus. */
function leg(name, x, y, hundredths, into, colour, note) {
  const left = x < BUS;
  const [x0, x1] = left ? [x + 29, BUS - 2] : [BUS + 2, x - 29];
  const power = Math.abs(hundredths) / 100;
  const right = left === into;
  const [from, to, d] = right ? [x0, x1, 1] : [x1, x0, -1];
  const width = power ? Math.max(4, Math.min(16, 3.5 + power * 2.6)) : 2;
  const half = width / 2 + 4;
  const middle = (x0 + x1) / 2;
  return [
    path(`M${x0} ${y}H${x1}`, { class: 'wire' }),
    power ? [
      path(`M${from} ${y}H${to - d * half * 1.3}`, { class: 'live', stroke: colour, 'stroke-width': width }),
      path(`M${to} ${y}l${-d * half * 1.5}-${half}v${2 * half}z`, { fill: colour }),
      path(`M${from} ${y}H${to - d * half * 1.5}`, { class: 'run' }),
    ] : null,
    label(middle, y - 16, withUnit(power, 2, 'kW'), 'b', 'middle'),
    s('circle', { class: 'node', cx: x, cy: y, r: 28 }),
    s('g', { class: 'ic', transform: `translate(${x} ${y})` }, path(ICONS[name])),
    label(x, y - 36, t(name), 'b', 'middle'),
    label(x, y + 44, note, 'ax', 'middle'),
  ];
}

function meterMark(y) {
  return [s('rect', { x: 252, y: y + 14, width: 22, height: 18, rx: 2, class: 'node' }),
    label(263, y + 28, 'Wh', 'tiny', 'middle'), path(`M263 ${y + 4}V${y + 14}`, { class: 'wire' })];
}

const side = (hundredths) => (hundredths ? t(hundredths > 0 ? 'import' : 'export') : '–');

function sentence({ sun, grid, house }) {
  const values = { sun: num((sun ?? 0) / 100, 2), house: num(house / 100, 2), grid: num(Math.abs(grid) / 100, 2), side: side(grid) };
  return t(sun === null ? 'flowNoSun' : 'flowSentence', values);
}

function drawing(flows) {
  const { sun, grid, house } = flows;
  const own = house > 0 ? `${num((100 * (house - Math.max(0, grid))) / house)}\u202f% ${t('own')}` : '';
  const tall = sun !== null;
  const legs = tall
    ? [leg('sun', 44, 181, sun, sun >= 0, 'var(--sun)', t('inverter')),
      leg('house', 356, 84, house, house < 0, 'var(--ink-2)', own)]
    : [leg('house', 44, 181, house, house < 0, 'var(--ink-2)', '')];
  const gridY = tall ? 278 : 181;
  return s('svg', { viewBox: '0 0 400 336', role: 'img', 'aria-label': sentence(flows), direction: 'ltr' },
    path(tall ? 'M200 44V318' : 'M200 110V252', { stroke: 'var(--ink)', 'stroke-width': 4, 'stroke-linecap': 'round' }),
    legs,
    meterMark(gridY),
    leg('grid', 356, gridY, grid, grid > 0, grid > 0 ? 'var(--import)' : 'var(--export)', side(grid)));
}

const kw = (hundredths) => quantity(hundredths / 100, 2, 'kW');

/** Draw the flow; nothing is drawn of power that is not known. */
export function drawFlow(live) {
  if (!known(live?.p_total)) return;
  const flows = balance(live);
  const { sun, grid, house } = flows;
  fill(byId('flow'), drawing(flows));
  const gives = Math.max(0, sun ?? 0) + Math.max(0, grid) + Math.max(0, -house);
  const takes = Math.max(0, -(sun ?? 0)) + Math.max(0, house) + Math.max(0, -grid);
  const text = (hundredths) => ltr(withUnit(hundredths / 100, 2, 'kW'));
  fill(byId('flow-sum'), parts('flowSum', { in: text(gives), out: text(takes), rest: text(gives - takes) }));
  byId('flow-source').hidden = sun === null;
  const rows = [[t('grid'), grid], [t('house'), -house]];
  if (sun !== null) rows.unshift([t('sun'), sun]);
  fill(byId('flow-table'), table(t('flowTitle'), ['', t('gives'), t('takes')],
    rows.map(([name, given]) => [name, given > 0 ? kw(given) : '–', given <= 0 ? kw(-given) : '–'])));
}
