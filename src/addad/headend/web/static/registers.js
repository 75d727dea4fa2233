// The registers as the meter gave them, and beside them what it measures now.
import { fill, h, isolated, ltr } from './dom.js';
import { kilo, known, moment, quantity } from './format.js';
import { t } from './i18n.js';

const IN_THOUSANDS = ['Wh', 'varh', 'VAh', 'W', 'var', 'VA'];
const row = (obis, name, value, decimals, unit) => h('tr', null,
 h('td', { class: 'mono' }, ltr(obis)),
 h('th', { scope: 'row' }, isolated(name)),
 h('td', { class: 'num' }, IN_THOUSANDS.includes(unit) ? kilo(value, 3, unit) : quantity(value, decimals, unit)));

const block = (caption, rows) => h('table', null, h('caption', { class: 'cap' }, caption),
 h('thead', { class: 'sr' }, h('tr', null, ['OBIS', t('Register'), t('Value')].map((text) => h('th', { scope: 'col' }, text)))),
 h('tbody', null, rows));

/** The registers that are kept. */
export function drawRegisters(reading) {
 fill('registers-at', reading.at ? moment(Date.parse(reading.at)) : '–');
 const rows = reading.registers.map((one) => row(one.obis, t(one.name), one.scaled, 0, one.unit));
 fill('registers', rows.length ? block(t('Energy'), rows) : t('Not read yet.'));
}

/** What the meter measures now, under the same codes. */
export function drawNow(live) {
 if (!live) return;
 const sides = (code, [imports, exports], value, unit) => [1, -1].map((sign) =>
  row(`1-0:${sign > 0 ? code : code + 1}.7.0`, sign > 0 ? imports : exports, known(value) ? Math.max(0, sign * value) : null, 0, unit));
 const each = (first, name, values, decimals, unit) => [0, 1, 2].map((i) => row(`1-0:${first + 20 * i}.7.0`, `${name} L${i + 1}`, values[i], decimals, unit));
 const apparent = Math.hypot(live.p_total ?? NaN, live.q_total ?? NaN);
 fill('registers-now', block(t('Now'), [
  sides(1, [t('Active power import'), t('Active power export')], live.p_total, 'W'),
  sides(3, [t('Reactive power import'), t('Reactive power export')], live.q_total, 'var'),
  row('1-0:13.7.0', t('Power factor'), apparent ? live.p_total / apparent : null, 3, ''),
  row('1-0:14.7.0', t('Frequency'), live.f, 3, 'Hz'),
  each(32, t('Voltage'), live.u, 2, 'V'), each(31, t('Current'), live.i, 3, 'A'), each(33, t('Power factor'), live.pf, 3, ''),
 ]));
}
