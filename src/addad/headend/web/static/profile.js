// A day in intervals: bars with marks of quality; what is missing is a gap with ×, never zero.
import { byId, fill, label, ltr, path, round, s, table } from './dom.js';
import { kilo, known, minute } from './format.js';
import { grid, hatching, picture, roundScale, widthOf } from './draw.js';
import { t } from './i18n.js';

const LEFT = 44;
const RIGHT = 8;
const HEIGHT = 266;
const TOP = 22;
const BOTTOM = HEIGHT - 24;
const FLAGS = { ERR: 'meter error', CIV: 'clock invalid', DNV: 'data not valid', PDN: 'power down', CAD: 'clock adjusted', DST: 'summer time' };
const DOUBT = ['ERR', 'CIV', 'DNV', 'PDN'];
const STATES = { good: 'good', missing: 'missing', unknown: 'its start is missing', running: 'running' };

/** The end of the last whole interval and its indexes; the day's start while there is none. */
const newest = (day) => day.rows.at(-1) ?? { at: day.starts_at, import_index_wh: day.import_start_wh, export_index_wh: day.export_start_wh };

/** A day as intervals {start, end [ms], import, export [Wh] or null, flags, state}, in order. */
function intervals(day, live, now) {
 const period = day.period_s * 1000;
 const interval = (end, rest) => ({ start: end - period, end, import: null, export: null, flags: [], ...rest });
 const found = day.rows.map((row) => interval(Date.parse(row.at), { import: row.import_wh, export: row.export_wh, flags: row.flags, state: row.import_wh === null && row.export_wh === null ? 'unknown' : 'good' }));
 found.push(...day.missing.map((at) => interval(Date.parse(at), { state: 'missing' })));
 found.sort((a, b) => a.end - b.end);
 const last = newest(day);
 const begin = Date.parse(last.at);
 const since = (name) => Math.max(0, live[`${name}_wh`] - last[`${name}_index_wh`]);
 if (known(last.import_index_wh) && known(live?.import_wh) && now >= begin && now - begin < 2 * period && now < Date.parse(day.ends_at)) {
  found.push(interval(begin + period, { state: 'running', import: since('import'), export: since('export') }));
 }
 return found;
}

/** The day so far for the tiles: energies with what runs, newest indexes, the highest interval. */
export function summary(day, live, now) {
 const list = intervals(day, live, now);
 const running = list.find((one) => one.state === 'running');
 const best = list.filter((one) => one.state === 'good').reduce((a, b) => (b.import > (a?.import ?? -1) ? b : a), null);
 const side = (name) => ({ wh: day.rows.length || running ? day[`${name}_wh`] + (running?.[name] ?? 0) : null, index: newest(day)[`${name}_index_wh`] });
 return { import: side('import'), export: side('export'), peak: best && { watts: (best.import * 3600) / day.period_s, at: best.end } };
}

const empty = (one) => one.state === 'missing' || one.state === 'unknown';
const doubtful = (one) => one.flags.some((flag) => DOUBT.includes(flag));
const adjusted = (one) => one.flags.includes('CAD');

function bar(one, x, y) {
 const middle = (x(one.start) + x(one.end)) / 2;
 const zero = y(0);
 if (empty(one)) {
  const size = one.state === 'missing' ? 4 : 2.5;
  return path(`M${round(middle - size)} ${round(zero - size)}l${2 * size} ${2 * size}m0-${2 * size}l-${2 * size} ${2 * size}`, 'x');
 }
 const width = Math.max(1, round(x(one.end) - x(one.start) - 1.5));
 const up = zero - y(-one.export / 1000);
 const down = y(one.import / 1000) - zero;
 const box = (top, height, kind, fillWith) => (height > 0.3 ? s('rect', { x: round(x(one.start) + 0.75), y: round(top), width, height: round(height), class: kind + (one.state === 'running' ? ' running' : ''), fill: fillWith }) : null);
 return [
  box(zero - up, up, 's-exp', 'url(#hat-day)'), box(zero, down, 'f-imp'),
  doubtful(one) ? label(middle, zero - up - 5, '!', 'b', 'middle') : adjusted(one) ? path(`M${round(middle)} ${round(zero - up - 12)}l4.5 4.5-4.5 4.5-4.5-4.5z`, 'hollow') : null,
 ];
}

function hours(begin, end, x, step) {
 const marks = [];
 for (let at = begin; at <= end; at += 3600e3) {
  const text = at === end ? '24:00' : minute(at);
  if (Number(text.slice(0, 2)) % step) continue;
  marks.push(path(`M${round(x(at))} ${BOTTOM}v5`, 'gl'), label(x(at), BOTTOM + 18, text, 'ax', at === begin ? 'start' : at === end ? 'end' : 'middle'));
 }
 return marks;
}

export function drawProfile(day, live, now) {
 const width = widthOf('profile');
 const [begin, end] = [Date.parse(day.starts_at), Date.parse(day.ends_at)];
 const list = intervals(day, live, now);
 const most = (name) => 1.08 * Math.max(0.1, ...list.map((one) => one[name] / 1000));
 const scale = roundScale(-most('export'), most('import'), 6);
 const x = (at) => LEFT + ((at - begin) / (end - begin)) * (width - LEFT - RIGHT);
 const y = (kwh) => TOP + ((BOTTOM - TOP) * (kwh - scale.low)) / (scale.high - scale.low);
 const late = x(now) > width - 60;
 const words = t('Energy of today in intervals: {count} measured, {missing} missing.', { count: list.filter((one) => one.state === 'good').length, missing: day.missing.length });
 picture('profile', width, HEIGHT, words,
  hatching('hat-day'), grid(scale, y, LEFT, width - RIGHT, 'kWh', 9),
  path(`M${round(x(Math.min(end, list.at(-1)?.end ?? begin)))} ${round(y(0))}H${width - RIGHT}`, 'future'),
  list.map((one) => bar(one, x, y)), hours(begin, end, x, width < 480 ? 6 : 3),
  now < end ? [path(`M${round(x(now))} ${TOP}V${BOTTOM}`, 'cur'), label(x(now) + (late ? -5 : 5), TOP + 9, minute(now), 'b halo', late ? 'end' : 'start')] : null);
 const shown = { missing: empty, clock: adjusted, doubt: doubtful };
 for (const [name, test] of Object.entries(shown)) byId(`profile-${name}`).hidden = !list.some(test);
}

/** The same day as a table, newest first. */
export function drawProfileTable(day, live, now) {
 const quality = (one) => (one.flags.length ? one.flags.map((flag) => t(FLAGS[flag] ?? flag)).join(', ') : t(STATES[one.state]));
 fill('profile-table', table(t('Today in 15-minute intervals'), [t('Interval'), t('Import'), t('Export'), t('Quality')],
  intervals(day, live, now).reverse().map((one) => [ltr(`${minute(one.start)}–${minute(one.end)}`), kilo(one.import, 3, 'Wh'), kilo(one.export, 3, 'Wh'), quality(one)])));
}
