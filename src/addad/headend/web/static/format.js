// Numbers and times as they are read: thin spaces, a true minus, the service point's own clock.
import { h, ltr } from './dom.js';

const THIN = '\u202f';
const MINUS = '\u2212';
export const NOTHING = '–';

/** Whether there is a value at all; 0 is one. */
export const known = (value) => typeof value === 'number' && Number.isFinite(value);

/** A number with so many decimals; – when it is not known. */
export function num(value, decimals = 0) {
  if (!known(value)) return NOTHING;
  const [whole, part] = Math.abs(value).toFixed(decimals).split('.');
  const zero = Math.abs(value) < 0.5 * 10 ** -decimals;
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, THIN);
  return (value < 0 && !zero ? MINUS : '') + grouped + (part ? `.${part}` : '');
}

/** Number and unit as plain text, for labels of drawings. */
export const withUnit = (value, decimals, unit) =>
  known(value) ? num(value, decimals) + (unit ? THIN + unit : '') : NOTHING;

/** Number and unit as an isolated element, the unit quieter. */
export function quantity(value, decimals, unit) {
  if (!known(value) || !unit) return ltr(num(value, decimals));
  return ltr(num(value, decimals), h('span', { class: 'u' }, THIN + unit));
}

let timeZone;
let ahead = 0;
const made = new Map();

/** Go by the head end's clock, told as ISO 8601, when the browser's own is off by a minute. */
export function setClock(iso) {
  const off = Date.now() - Date.parse(iso);
  ahead = Math.abs(off) > 60000 ? off : 0;
}

/** Milliseconds since 1970 at the head end. */
export const now = () => Date.now() - ahead;

/** Tell times by the clock of this zone from now on. */
export function useTimeZone(name) {
  timeZone = name;
  made.clear();
}

function formatter(kind, options) {
  if (!made.has(kind)) made.set(kind, new Intl.DateTimeFormat('en-GB', { timeZone, hourCycle: 'h23', ...options }));
  return made.get(kind);
}

/** HH:MM:SS of milliseconds since 1970. */
export const clock = (ms) => formatter('clock', { hour: '2-digit', minute: '2-digit', second: '2-digit' }).format(ms);

/** HH:MM */
export const minute = (ms) => formatter('minute', { hour: '2-digit', minute: '2-digit' }).format(ms);

/** YYYY-MM-DD */
export const day = (ms) =>
  formatter('day', { year: 'numeric', month: '2-digit', day: '2-digit' }).format(ms).split('/').reverse().join('-');

/** HH:MM:SS today, else with the date before it. */
export const moment = (ms) => (day(ms) === day(now()) ? clock(ms) : `${day(ms)} ${minute(ms)}`);
