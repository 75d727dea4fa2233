// The registers as the meter gave them, and beside them what it measures now.
import { byId, fill, h, isolated, ltr } from './dom.js';
import { known, moment, quantity } from './format.js';
import { t, word } from './i18n.js';

const KILO = { Wh: 'kWh', varh: 'kvarh', VAh: 'kVAh', W: 'kW', var: 'kvar', VA: 'kVA' };
const order = (obis) => obis.split(/\D+/).map(Number);

function before(a, b) {
  const [x, y] = [order(a.obis), order(b.obis)];
  const i = x.findIndex((n, k) => n !== y[k]);
  return i < 0 ? 0 : x[i] - y[i];
}

function row(obis, name, value, decimals, unit) {
  const kilo = KILO[unit];
  const shown = kilo && known(value) ? value / 1000 : value;
  return h('tr', null,
    h('td', { class: 'mono' }, ltr(obis)),
    h('th', { scope: 'row' }, isolated(name)),
    h('td', { class: 'num' }, quantity(shown, kilo ? 3 : decimals, kilo ?? unit)));
}

const block = (caption, rows) => h('table', null, h('caption', { class: 'cap' }, caption),
  h('thead', { class: 'sr' }, h('tr', null, ['OBIS', t('register_'), t('value')].map((text) => h('th', { scope: 'col' }, text)))),
  h('tbody', null, rows));

/** The stored registers, in order of their codes; a code without unit is a count. */
export function drawRegisters(reading) {
  fill(byId('registers-at'), reading.at ? ltr(moment(Date.parse(reading.at))) : '–');
  const rows = [...reading.registers].sort(before).map((one) => row(one.obis, word(one.name), one.scaled, 0, one.unit));
  fill(byId('registers'), rows.length ? block(t('energy'), rows) : h('p', { class: 'note' }, t('notRead')));
}

/** What the meter measures now, under the same codes. */
export function drawNow(live) {
  if (!live) return;
  const side = (value, sign) => (known(value) ? Math.max(0, sign * value) : null);
  const s = known(live.p_total) && known(live.q_total) ? Math.hypot(live.p_total, live.q_total) : null;
  const phases = (codes, name, values, decimals, unit) => codes.map((code, i) => row(`1-0:${code}`, `${name} L${i + 1}`, values[i], decimals, unit));
  fill(byId('registers-now'), block(t('now'), [
    row('1-0:1.7.0', t('powerImport'), side(live.p_total, 1), 0, 'W'),
    row('1-0:2.7.0', t('powerExport'), side(live.p_total, -1), 0, 'W'),
    row('1-0:3.7.0', t('reactiveImport'), side(live.q_total, 1), 0, 'var'),
    row('1-0:4.7.0', t('reactiveExport'), side(live.q_total, -1), 0, 'var'),
    row('1-0:13.7.0', t('powerFactor'), s ? live.p_total / s : null, 3, ''),
    row('1-0:14.7.0', t('frequency'), live.f, 3, 'Hz'),
    phases(['32.7.0', '52.7.0', '72.7.0'], t('voltage'), live.u, 2, 'V'),
    phases(['31.7.0', '51.7.0', '71.7.0'], t('current'), live.i, 3, 'A'),
    phases(['33.7.0', '53.7.0', '73.7.0'], t('powerFactor'), live.pf, 3, ''),
  ]));
}
