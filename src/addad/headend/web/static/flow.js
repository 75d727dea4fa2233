// Energy flow as a single-line diagram: sun, house and grid on one bus; it closes to 0.00 kW.
import { byId, fill, label, ltr, path, s, table } from './dom.js';
import { known, num, quantity, withUnit } from './format.js';
import { parts, t } from './i18n.js';

const ICONS = {
 sun: 'M6 0A6 6 0 1 1-6 0 6 6 0 1 1 6 0M0-12v2M0 10v2M-12 0h2M10 0h2M-8.5-8.5l1.4 1.4M7.1 7.1l1.4 1.4M-8.5 8.5l1.4-1.4M7.1-7.1l1.4-1.4',
 house: 'M-11 0 0-10 11 0M-8-2v12H8V-2M-2.5 10V4h5v6',
 grid: 'M-7 11-3-11h6l4 22M-9-6H9M-8 0H8M-5.5 4 7 11M5.5 4-7 11',
};
const BUS = 200;
const DASH_MS = 1100;

/** Whole hundredths of a kilowatt: house = sun + grid exactly, so the sum always closes. */
function balance(live) {
 const grid = Math.round(live.p_total / 10);
 const sun = known(live.site?.pv_w) ? Math.round(live.site.pv_w / 10) : null;
 return { sun, grid, house: (sun ?? 0) + grid };
}

/** The dashes that run; drawn anew, they go on where they were. */
function dashes(d) {
 const run = path(d, 'run');
 run.style.animationDelay = `${-(performance.now() % DASH_MS)}ms`;
 return run;
}

/** One leg; `into` says that power goes to the bus. */
function leg(icon, name, x, y, hundredths, into, colour, note) {
 const left = x < BUS;
 const [x0, x1] = left ? [x + 29, BUS - 2] : [BUS + 2, x - 29];
 const power = Math.abs(hundredths) / 100;
 const [from, to, d] = left === into ? [x0, x1, 1] : [x1, x0, -1];
 const width = Math.max(4, Math.min(16, 3.5 + power * 2.6));
 const half = width / 2 + 4;
 return [
  path(`M${x0} ${y}H${x1}`, 'wire'),
  power ? [
   path(`M${from} ${y}H${to - d * half * 1.3}`, 'live', { stroke: colour, 'stroke-width': width }),
   path(`M${to} ${y}l${-d * half * 1.5}-${half}v${2 * half}z`, null, { fill: colour }),
   dashes(`M${from} ${y}H${to - d * half * 1.5}`),
  ] : null,
  label((x0 + x1) / 2, y - 16, withUnit(power, 2, 'kW'), 'b', 'middle'),
  s('circle', { class: 'node', cx: x, cy: y, r: 28 }),
  path(ICONS[icon], 'ic', { transform: `translate(${x} ${y})` }),
  label(x, y - 36, name, 'b', 'middle'), label(x, y + 44, note, 'ax', 'middle'),
 ];
}

const side = (hundredths) => (hundredths ? t(hundredths > 0 ? 'Import' : 'Export') : '–');

function drawing({ sun, grid, house }, words) {
 const own = house > 0 ? t('{share} own', { share: withUnit((100 * (house - Math.max(0, grid))) / house, 0, '%') }) : '';
 const lone = sun === null;
 const y = lone ? 181 : 278;
 return s('svg', { viewBox: '0 0 400 336', role: 'img', 'aria-label': words, direction: 'ltr' },
  path(lone ? 'M200 110V252' : 'M200 44V318', 'bus'),
  lone ? leg('house', t('House'), 44, y, house, house < 0, 'var(--ink-2)', '') : [
   leg('sun', t('Sun'), 44, 181, sun, sun >= 0, 'var(--sun)', t('inverter')),
   leg('house', t('House'), 356, 84, house, house < 0, 'var(--ink-2)', own)],
  path(`M278 ${y}V${y + 14}`, 'wire'), s('rect', { x: 267, y: y + 14, width: 22, height: 18, rx: 2, class: 'node' }), label(278, y + 27, 'Wh', 'tiny', 'middle'),
  leg('grid', t('Grid'), 356, y, grid, grid > 0, `var(--${grid > 0 ? 'import' : 'export'})`, side(grid)));
}

const kw = (hundredths) => quantity(hundredths / 100, 2, 'kW');

export function drawFlow(live) {
 if (!known(live?.p_total)) return;
 const flows = balance(live);
 const gifts = [[t('Grid'), flows.grid], [t('House'), -flows.house]];
 if (flows.sun !== null) gifts.unshift([t('Sun'), flows.sun]);
 const words = gifts.map(([name, given]) => `${name} ${num(given / 100, 2)} kW`).join(', ');
 fill('flow', drawing(flows, `${t('Energy flow')}: ${words}`));
 const total = (sign) => gifts.reduce((sum, [, given]) => sum + Math.max(0, sign * given), 0);
 const text = (hundredths) => ltr(withUnit(hundredths / 100, 2, 'kW'));
 fill('flow-sum', parts('In {in} = out {out}. Difference {rest}.', { in: text(total(1)), out: text(total(-1)), rest: text(total(1) - total(-1)) }));
 byId('flow-source').hidden = flows.sun === null;
 fill('flow-table', table(t('Energy flow'), ['', t('Gives'), t('Takes')], gifts.map(([name, given]) => [name, given > 0 ? kw(given) : '–', given > 0 ? '–' : kw(-given)])));
}
