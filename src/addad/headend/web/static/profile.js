// A day in intervals: bars with marks of quality; what is missing is a gap with ×, never zero.
import { byId, fill, label, ltr, path, round, s, table } from './dom.js';
import { known, minute, quantity } from './format.js';
import { grid, hatching, picture, roundScale, widthOf } from './draw.js';
import { t } from './i18n.js';

const LEFT = 44;
const RIGHT = 8;
const HEIGHT = 266;
const TOP = 22;
const BOTTOM = HEIGHT - 24;
const BAD = ['ERR', 'CIV', 'DNV', 'PDN'];

/** A day as intervals: {start, end, import, export (Wh or null), flags, state: good|missing|unknown|running}. */
export function intervals(day, live, now) {
  const period = day.period_s * 1000;
  const found = day.rows.map((row) => {
    const end = Date.parse(row.at);
    const whole = row.import_wh !== null || row.export_wh !== null;
    return { start: end - period, end, import: row.import_wh, export: row.export_wh, flags: row.flags, state: whole ? 'good' : 'unknown' };
  });
  for (const at of day.missing) {
    const end = Date.parse(at);
    found.push({ start: end - period, end, import: null, export: null, flags: [], state: 'missing' });
  }
  found.sort((a, b) => a.end - b.end);
  const last = day.rows.at(-1);
  const begin = last ? Date.parse(last.at) : 0;
  if (last && known(live?.import_wh) && now >= begin && now - begin < 2 * period && now < Date.parse(day.ends_at)) {
    found.push({
      start: begin, end: begin + period, flags: [], state: 'running',
      import: Math.max(0, live.import_wh - last.import_index_wh), export: Math.max(0, live.export_wh - last.export_index_wh),
    });
  }
  return found;
}

/** The day so far for the tiles: energies with what runs, newest indexes, the highest interval. */
export function summary(day, live, now) {
  const list = intervals(day, live, now);
  const running = list.find((one) => one.state === 'running');
  const whole = list.filter((one) => one.state === 'good');
  const best = whole.reduce((a, b) => (b.import > (a?.import ?? -1) ? b : a), null);
  const side = (name) => ({
    wh: day.rows.length ? day[`${name}_wh`] + (running?.[name] ?? 0) : null,
    index: day.rows.at(-1)?.[`${name}_index_wh`],
  });
  const watts = best ? (best.import * 3600) / day.period_s : 0;
  return { import: side('import'), export: side('export'), peak: best && { watts, at: best.end } };
}

function quality(one) {
  if (one.state !== 'good' || !one.flags.length) return t(one.state);
  return one.flags.map((flag) => t(`flag${flag}`)).join(', ');
}

function mark(one, middle, y, yZero) {
  if (one.state === 'missing' || one.state === 'unknown') {
    const size = one.state === 'missing' ? 4 : 2.5;
    return path(`M${round(middle - size)} ${round(yZero - size)}l${2 * size} ${2 * size}m0-${2 * size}l-${2 * size} ${2 * size}`, { class: 'cross' });
  }
  const top = y(-(one.export ?? 0) / 1000) - 8;
  if (one.flags.some((flag) => BAD.includes(flag))) return label(middle, top + 3, '!', 'b', 'middle');
  if (one.flags.includes('CAD')) return path(`M${round(middle)} ${round(top - 4)}l4.500 4.500-4.500 4.500-4.500-4.500z`, { class: 'clockmark' });
  return null;
}

function bars(list, x, y) {
  return list.map((one) => {
    const [a, b] = [x(one.start), x(one.end)];
    const width = Math.max(1, round(b - a - 1.5));
    const opacity = one.state === 'running' ? 0.55 : null;
    const left = round(a + 0.75);
    const up = y(0) - y(-(one.export ?? 0) / 1000);
    const down = y((one.import ?? 0) / 1000) - y(0);
    return [
      up > 0.3 ? s('rect', { x: left, y: round(y(0) - up), width, height: round(up), fill: 'url(#hat-day)', stroke: 'var(--export)', 'stroke-width': 0.75, opacity }) : null,
      down > 0.3 ? s('rect', { x: left, y: round(y(0)), width, height: round(down), class: 'f-imp', opacity }) : null,
      mark(one, (a + b) / 2, y, y(0)),
    ];
  });
}

function hours(day, x, width) {
  const [begin, end] = [Date.parse(day.starts_at), Date.parse(day.ends_at)];
  const step = width < 480 ? 6 : 3;
  const marks = [];
  for (let at = begin; at <= end; at += 3600e3) {
    const text = minute(at);
    const hour = Number(text.slice(0, 2));
    if (hour % step || text.slice(3) !== '00') continue;
    const anchor = at === begin ? 'start' : at === end ? 'end' : 'middle';
    marks.push(path(`M${round(x(at))} ${BOTTOM}v5`, { class: 'gl' }), label(x(at), BOTTOM + 18, at === end ? '24:00' : text, 'ax', anchor));
  }
  return marks;
}

/** Draw a day; `live` gives the running interval, and only for today. */
export function drawProfile(day, live, now) {
  if (!day) return;
  const box = byId('profile');
  const width = widthOf(box);
  const [begin, end] = [Date.parse(day.starts_at), Date.parse(day.ends_at)];
  const list = intervals(day, live, now);
  const scale = roundScale(-Math.max(0.1, ...list.map((one) => (one.export ?? 0) / 1000)) * 1.05, Math.max(0.1, ...list.map((one) => (one.import ?? 0) / 1000)), 6);
  const x = (at) => LEFT + ((at - begin) / (end - begin)) * (width - LEFT - RIGHT);
  const y = (kwh) => TOP + ((BOTTOM - TOP) * (kwh - scale.low)) / (scale.high - scale.low);
  const edge = x(Math.min(end, list.at(-1)?.end ?? begin));
  const present = now > begin && now < end;
  const words = t('profileSentence', { count: list.filter((one) => one.state === 'good').length, missing: day.missing.length });
  fill(box, picture(width, HEIGHT, [
    hatching('hat-day'), grid(scale, y, LEFT, width - RIGHT), label(0, 9, 'kWh', 'ax'),
    path(`M${round(edge)} ${round(y(0))}H${width - RIGHT}`, { class: 'future' }),
    bars(list, x, y), hours(day, x, width),
    present ? [path(`M${round(x(now))} ${TOP}V${BOTTOM}`, { class: 'cur' }), label(x(now) + (x(now) > width - 60 ? -5 : 5), TOP + 9, minute(now), 'b', x(now) > width - 60 ? 'end' : 'start')] : null,
  ], { role: 'img', 'aria-hidden': null, 'aria-label': words }));
  byId('profile-missing').hidden = !list.some((one) => one.state === 'missing' || one.state === 'unknown');
  byId('profile-clock').hidden = !list.some((one) => one.flags.includes('CAD'));
  byId('profile-doubt').hidden = !list.some((one) => one.flags.some((flag) => BAD.includes(flag)));
}

/** The same day as a table, newest first. */
export function drawProfileTable(day, live, now) {
  const rows = intervals(day, live, now).reverse().map((one) => [
    ltr(`${minute(one.start)}–${minute(one.end)}`),
    quantity(known(one.import) ? one.import / 1000 : null, 3, 'kWh'), quantity(known(one.export) ? one.export / 1000 : null, 3, 'kWh'), quality(one),
  ]);
  fill(byId('profile-table'), table(t('profileTitle'), [t('interval'), t('import'), t('export'), t('quality')], rows));
}
