// Voltages and currents as phasors: L1 voltage at 0°, angles counter-clockwise; the table beside.
import { fill, label, ltr, path, phases, round, s, table } from './dom.js';
import { kilo, known, num, quantity } from './format.js';
import { picture } from './draw.js';
import { parts, t } from './i18n.js';

const CENTRE = 125;
const RADIUS = 92;
const LEAST_A = 0.05;
const LEAST_V = 20;

const at = (radius, degrees) => {
 const angle = (degrees * Math.PI) / 180;
 return [CENTRE + radius * Math.cos(angle), CENTRE - radius * Math.sin(angle)];
};
const spot = (point) => point.map(round).join(' ');
/** An angle in −180 … 180°. */
const wrapped = (degrees) => ((((degrees + 180) % 360) + 360) % 360) - 180;

function dial() {
 const marks = [0.5, 1].map((k) => s('circle', { cx: CENTRE, cy: CENTRE, r: RADIUS * k, fill: 'none', class: 'gl' }));
 for (let angle = 0; angle < 360; angle += 30) {
  const main = angle % 90 === 0;
  const [x, y] = at(RADIUS + 19, angle);
  marks.push(path(`M${spot(at(main ? 0 : RADIUS - 5, angle))}L${spot(at(RADIUS, angle))}`, 'gl'), angle && main ? label(x, y + 4, `${num(wrapped(angle))}°`, 'ax', 'middle') : null);
 }
 return marks;
}

/** An arrow: voltage thick with a filled head, current thin with an open one. */
function vector(length, angle, phase, voltage) {
 const turn = (angle * Math.PI) / 180;
 const half = voltage ? 5 : 4;
 const [x, y] = at(Math.max(0, length - (voltage ? 11 : 8)), angle);
 const [dx, dy] = [half * Math.sin(turn), half * Math.cos(turn)];
 const tip = spot(at(length, angle));
 const [left, right] = [spot([x + dx, y + dy]), spot([x - dx, y - dy])];
 const short = length <= 40;
 const [lx, ly] = voltage ? at(RADIUS + 13, angle) : at(length + (short ? 12 : -6), angle + (short ? 0 : 10));
 return [
  path(`M${CENTRE} ${CENTRE}L${voltage ? spot([x, y]) : tip}`, `ln p${phase}`, { 'stroke-width': voltage ? 2.25 : 1.5 }),
  voltage ? path(`M${tip}L${left}L${right}z`, `t${phase}`) : path(`M${left}L${tip}L${right}`, `ln p${phase} sol`),
  label(lx, ly + 4, `${voltage ? 'U' : 'I'}${phase}`, `b halo t${phase}`, 'middle'),
 ];
}

const flows = (live, i) => live.i[i] >= LEAST_A;

/** From current to voltage: positive when the current lags; not a number without a current. */
const lag = (live, i) => (flows(live, i) && known(live.i_angle[i]) && known(live.u_angle[i]) ? wrapped(live.u_angle[i] - live.i_angle[i]) : NaN);

function verdict(live) {
 const names = (test) => phases((i, name) => (test(i) ? name : null)).filter(Boolean);
 const dead = names((i) => !(live.u[i] >= LEAST_V));
 if (dead.length) return ['alarm', t('Voltage is missing.'), t('No voltage on {phases}.', { phases: dead.join(', ') })];
 if (!live.u_angle.every(known)) return ['info', t('The meter gives no angles.'), ''];
 const gaps = phases((i) => wrapped(live.u_angle[i] - live.u_angle[(i + 1) % 3]));
 if (gaps.every((gap) => gap < 0)) return ['warning', t('The phase order is reversed.'), t('Two voltage wires are exchanged: the order is L1–L3–L2.')];
 const worst = Math.max(...gaps.map((gap) => Math.abs(gap - 120)));
 const order = parts('Order L1–L2–L3, spacing within {spacing} of 120°.', { spacing: ltr(`${num(worst, 1)}°`) });
 if (worst > 10) return ['warning', t('The angles are unequal.'), order];
 if (!live.i.slice(0, 3).some((amperes) => amperes >= LEAST_A)) return ['good', t('No current flows.'), order];
 const out = names((i) => flows(live, i) && live.p[i] < 0);
 const sides = out.length === 3 ? t('All three phases export.') : out.length ? t('Exporting: {phases}.', { phases: out.join(', ') }) : t('No phase exports.');
 return ['good', t('The phase order is right.'), [order, ' ', sides]];
}

export function drawPhasors(live, say) {
 if (!live?.u.some(known)) return;
 const most = Math.max(0.5, ...live.i.slice(0, 3).filter(known));
 const arrows = phases((i) => [
  known(live.u_angle[i]) && live.u[i] >= LEAST_V ? vector(RADIUS * 0.97, live.u_angle[i], i + 1, true) : null,
  known(live.i_angle[i]) && flows(live, i) ? vector(18 + (RADIUS * 0.78 - 18) * (live.i[i] / most), live.i_angle[i], i + 1, false) : null,
 ]);
 const words = phases((i, name) => `${name} ${num(live.u[i], 1)} V, ${num(live.i[i], 2)} A, ${num(lag(live, i))}°`).join('; ');
 picture('phasor', 250, 250, `${t('Voltage and current angles')}: ${words}`, dial(), arrows);
 fill('phasor-table', table(t('Voltage and current angles'), ['', 'U', 'I', 'φ', 'P'], phases((i, name) => [
  name, quantity(live.u[i], 1, 'V'), quantity(live.i[i], 2, 'A'), known(lag(live, i)) ? ltr(`${num(lag(live, i))}°`) : '–',
  ltr(flows(live, i) ? (live.p[i] > 0 ? '↓ ' : '↑ ') : '', kilo(Math.abs(live.p[i] ?? NaN), 2, 'W'))])));
 say('phasor-verdict', ...verdict(live));
}
