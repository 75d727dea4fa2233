// Numbers and times as they are read: thin spaces, a true minus, the service point's own clock.
import { h, ltr } from './dom.js';

const THIN = '\u202f';

export const known = Number.isFinite;

/** A number with so many decimals; – when it is not known. */
export function num(value, decimals = 0) {
 if (!known(value)) return '–';
 const [whole, part] = Math.abs(value).toFixed(decimals).split('.');
 const minus = value <= -0.5 * 10 ** -decimals ? '\u2212' : '';
 return minus + whole.replace(/\B(?=(\d{3})+$)/g, THIN) + (part ? `.${part}` : '');
}

/** As plain text, for drawings and labels. */
export const withUnit = (value, decimals, unit) => num(value, decimals) + (known(value) ? THIN + unit : '');

/** As an element, the unit quieter. */
export const quantity = (value, decimals, unit) => ltr(num(value, decimals), known(value) && unit ? h('span', { class: 'u' }, THIN + unit) : null);

/** W, Wh, var … shown in thousands. */
export const kilo = (value, decimals, unit) => quantity(known(value) ? value / 1000 : null, decimals, `k${unit}`);

let timeZone;
let shift = 0;
let ahead = 0;
const made = new Map();

/** Go by the head end's clock when the browser's own is off by a minute. */
export function setClock(iso) {
 const off = Date.now() - Date.parse(iso);
 ahead = Math.abs(off) > 60000 ? off : 0;
}

export const now = () => Date.now() - ahead;

export function useTimeZone(name) {
 timeZone = name;
 made.clear();
}

/**
 * Browsers learn late or early of a zone that is changed by law. Where they differ about a local day,
 * the head end's offset is used. Returns whether that changed something.
 */
export function checkTimeZone(day) {
 const begin = Date.parse(day.starts_at);
 if (timeZone !== 'UTC' && [begin, Date.parse(day.ends_at)].every((ms) => clock(ms) === '00:00:00')) return false;
 const whole = Date.parse(`${day.day}T00:00:00Z`) - begin;
 if (timeZone === 'UTC' && shift === whole) return false;
 shift = whole;
 useTimeZone('UTC');
 return true;
}

function told(ms, kind, options) {
 if (!made.has(kind)) made.set(kind, new Intl.DateTimeFormat('en-GB', { timeZone, hourCycle: 'h23', ...options }));
 return made.get(kind).format(ms + shift);
}

const TWO = '2-digit';
export const clock = (ms) => told(ms, 'clock', { hour: TWO, minute: TWO, second: TWO });
export const minute = (ms) => told(ms, 'minute', { hour: TWO, minute: TWO });
export const day = (ms) => told(ms, 'day', { year: 'numeric', month: TWO, day: TWO }).split('/').reverse().join('-');
/** HH:MM:SS today, else with the date before it. */
export const moment = (ms) => (day(ms) === day(now()) ? clock(ms) : `${day(ms)} ${minute(ms)}`);
