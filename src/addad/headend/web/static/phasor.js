// Voltages and currents as phasors: L1 voltage at 0°, angles counter-clockwise; the table beside.
import { byId, fill, label, ltr, path, round, s, table } from './dom.js';
import { known, num, quantity } from './format.js';
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
const point = (radius, degrees) => at(radius, degrees).map(round).join(' ');

/** An angle in −180 … 180°. */
const wrapped = (degrees) => ((((degrees + 180) % 360) + 360) % 360) - 180;

function dial() {
  const marks = [0.5, 1].map((k) => s('circle', { cx: CENTRE, cy: CENTRE, r: RADIUS * k, fill: 'none', class: 'gl' }));
  for (let angle = 0; angle < 360; angle += 30) {
    marks.push(path(`M${point(angle % 90 ? RADIUS - 5 : 0, angle)}L${point(RADIUS, angle)}`, { class: 'gl' }));
    if (angle && angle % 90 === 0) {
      const [x, y] = at(RADIUS + 19, angle);
      marks.push(label(x, y + 4, `${num(wrapped(angle))}°`, 'ax', 'middle'));
    }
  }
  return marks;
}

/** An arrow: voltage thick with a filled head, current thin with an open one. */
function vector(length, angle, phase, voltage) {
  const turn = (angle * Math.PI) / 180;
  const half = voltage ? 5 : 4;
  const [bx, by] = at(Math.max(0, length - (voltage ? 11 : 8)), angle);
  const [px, py] = [half * Math.sin(turn), half * Math.cos(turn)];
  const tip = point(length, angle);
  const wings = [`${round(bx + px)} ${round(by + py)}`, `${round(bx - px)} ${round(by - py)}`];
  const end = voltage ? `${round(bx)} ${round(by)}` : tip;
  const [lx, ly] = at(voltage ? RADIUS + 13 : length > 40 ? length - 6 : length + 12, angle + (voltage || length <= 40 ? 0 : 10));
  return [
    path(`M${CENTRE} ${CENTRE}L${end}`, { class: `ln p${phase}`, 'stroke-width': voltage ? 2.25 : 1.5 }),
    voltage
      ? path(`M${tip}L${wings[0]}L${wings[1]}z`, { class: `t${phase}` })
      : path(`M${wings[0]}L${tip}L${wings[1]}`, { class: `ln p${phase} sol`, 'stroke-width': 1.5 }),
    label(lx, ly + 4, `${voltage ? 'U' : 'I'}${phase}`, `b halo t${phase}`, 'middle'),
  ];
}

function sentence(live) {
  return [0, 1, 2].map((i) => `L${i + 1}: ${num(live.u[i], 1)} V, ${num(live.i[i], 2)} A, ${num(shift(live, i))}°`).join('; ');
}

/** Angle from current to voltage: positive when the current lags; null without a current. */
function shift(live, i) {
  const [u, c] = [live.u_angle[i], live.i_angle[i]];
  return known(u) && known(c) && live.i[i] >= LEAST_A ? wrapped(u - c) : null;
}

function verdict(live) {
  const dead = [0, 1, 2].filter((i) => !(live.u[i] >= LEAST_V));
  if (dead.length) return ['alarm', t('noVoltageHead'), t('noVoltage', { phases: dead.map((i) => `L${i + 1}`).join(', ') })];
  if (![1, 2].every((i) => known(live.u_angle[i]))) return ['info', t('noAngles'), ''];
  const gaps = [wrapped(live.u_angle[0] - live.u_angle[1]), wrapped(live.u_angle[1] - live.u_angle[2]), wrapped(live.u_angle[2] - live.u_angle[0])];
  if (gaps.every((gap) => gap < 0)) return ['warning', t('reversedHead'), t('reversed')];
  const worst = Math.max(...gaps.map((gap) => Math.abs(gap - 120)));
  const order = parts('order', { spacing: ltr(`${num(worst, 1)}°`) });
  if (worst > 10) return ['warning', t('unequalHead'), order];
  if (live.i.slice(0, 3).every((a) => !(a >= LEAST_A))) return ['good', t('noCurrentHead'), [t(live.relay?.state === 1 ? 'noCurrent' : 'noCurrentOpen'), ' ', order]];
  const out = [0, 1, 2].filter((i) => live.p[i] < 0 && live.i[i] >= LEAST_A).map((i) => `L${i + 1}`);
  const sides = out.length === 3 ? t('allExport') : out.length ? t('someExport', { phases: out.join(', ') }) : t('noneExport');
  return ['good', t('orderHead'), [order, ' ', sides]];
}

/** Draw diagram, table and verdict of the newest values. */
export function drawPhasors(live, say) {
  if (!live?.u.some(known)) return;
  const most = Math.max(0.5, ...live.i.slice(0, 3).filter(known));
  const arrows = [0, 1, 2].map((i) => [
    known(live.u_angle[i]) && live.u[i] >= LEAST_V ? vector(RADIUS * 0.97, live.u_angle[i], i + 1, true) : null,
    known(live.i_angle[i]) && live.i[i] >= LEAST_A ? vector(18 + (RADIUS * 0.78 - 18) * (live.i[i] / most), live.i_angle[i], i + 1, false) : null,
  ]);
  fill(byId('phasor'), picture(250, 250, [dial(), arrows], { role: 'img', 'aria-hidden': null, 'aria-label': sentence(live) }));
  const rows = [0, 1, 2].map((i) => [
    `L${i + 1}`, quantity(live.u[i], 1, 'V'), quantity(live.i[i], 2, 'A'),
    known(shift(live, i)) ? ltr(`${num(shift(live, i))}°`) : '–',
    known(live.p[i]) ? ltr(live.p[i] > 0 ? '↓ ' : '↑ ', quantity(Math.abs(live.p[i]) / 1000, 2, 'kW')) : '–',
  ]);
  fill(byId('phasor-table'), table(t('phasorTable'), ['', 'U', 'I', 'φ', 'P'], rows));
  say('phasor-verdict', ...verdict(live));
}
