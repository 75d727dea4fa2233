// The last ten minutes: power over voltage or current, with a cursor for pointer and keys.
import { byId, fill, h, label, ltr, path, phases, round, s, table } from './dom.js';
import { clock, kilo, known, minute, withUnit } from './format.js';
import { grid, hatching, picture, roundScale, through, widthOf } from './draw.js';
import { behind } from './frame.js';
import { directed } from './tiles.js';
import { t } from './i18n.js';

const SPAN_S = 600;
const LEFT = 44;
const RIGHT = 26;
const POWER_H = 196;
const PANE_TOP = 222;
const PANE_H = 118;
const TABLE_STEP_S = 30;

export class LiveChart {
 pane = 'u';
 cursor = null;
 end = 0;

 constructor(history, ask) {
  this.history = history;
  this.ask = ask;
  this.box = byId('live');
  byId('panes').addEventListener('change', (event) => {
   this.pane = event.target.value;
   ask();
  });
  byId('phases').addEventListener('change', ask);
  this.box.addEventListener('pointermove', (event) => this.point(event.clientX));
  for (const kind of ['pointerleave', 'blur']) this.box.addEventListener(kind, () => this.move(null));
  this.box.addEventListener('keydown', (event) => this.key(event));
  this.drawTable = behind(byId('live-table').parentNode, () => this.list());
 }

 move(at) {
  this.cursor = at === null ? null : Math.max(this.end - SPAN_S, Math.min(this.end, at));
  this.ask();
 }

 point(clientX) {
  const { left, width } = this.box.getBoundingClientRect();
  this.move(this.end - SPAN_S + Math.round(((clientX - left - LEFT) / (width - LEFT - RIGHT)) * SPAN_S));
 }

 key(event) {
  const step = { ArrowLeft: -5, ArrowRight: 5, Home: -SPAN_S, End: SPAN_S }[event.key];
  if (!step) return;
  event.preventDefault();
  this.move((this.cursor ?? this.end) + step);
 }

 /** The point within two seconds of the cursor; without a cursor the newest. */
 chosen() {
  if (this.cursor === null) return this.history.points.at(-1);
  const away = (point) => Math.abs(point.at - this.cursor);
  return this.history.points.filter((point) => away(point) <= 2).sort((a, b) => away(a) - away(b))[0];
 }

 draw(now) {
  this.end = Math.floor(now / 1000);
  const from = this.end - SPAN_S;
  const runs = this.history.runs(from);
  const width = widthOf('live');
  const bottom = this.pane ? PANE_TOP + PANE_H : POWER_H;
  const x = (at) => LEFT + ((at - from) / SPAN_S) * (width - LEFT - RIGHT);
  const point = this.chosen();
  const marks = [hatching('hat-live'), this.power(runs, x, width), this.times(x, from, width, bottom)];
  if (this.pane) marks.push(this.second(runs, x, width));
  if (this.cursor !== null) marks.push(path(`M${round(x(this.cursor))} 6V${bottom}`, 'cur'));
  if (this.cursor !== null && known(point?.p)) marks.push(s('circle', { cx: round(x(point.at)), cy: round(this.y(point.p / 1000)), r: 3.5, class: 'dot' }));
  picture('live', width, bottom + 24, null, marks);
  this.read(point);
  this.drawTable();
 }

 power(runs, x, width) {
  const kw = runs.flat().map((point) => point.p / 1000);
  const scale = roundScale(1.1 * Math.min(-0.5, ...kw), 1.1 * Math.max(0.5, ...kw), 6);
  const y = (this.y = (value) => 8 + ((POWER_H - 8) * (value - scale.low)) / (scale.high - scale.low));
  const line = (run, part) => run.map((point) => [x(point.at), y(part(point.p / 1000, 0))]);
  const area = (run, part) => `${through([[x(run[0].at), y(0)], ...line(run, part), [x(run.at(-1).at), y(0)]])}z`;
  return [
   grid(scale, y, LEFT, width - RIGHT, 'kW', 12),
   runs.map((run) => [
    path(area(run, Math.min), null, { fill: 'url(#hat-live)' }), path(area(run, Math.max), 'f-imp'),
    path(through(line(run, (value) => value)), 'ln ink')]),
   label(LEFT + 6, y(scale.low) + 14, `↑ ${t('Export')}`, 'b halo'),
   label(LEFT + 6, y(scale.high) - 6, `↓ ${t('Import')}`, 'b halo'),
  ];
 }

 times(x, from, width, bottom) {
  const step = width < 480 ? 180 : 60;
  const marks = [];
  for (let at = Math.ceil((from + 15) / step) * step; x(at) < width - RIGHT - 12; at += step) {
   marks.push(path(`M${round(x(at))} ${bottom}v5`, 'gl'), label(x(at), bottom + 18, minute(at * 1000), 'ax', 'middle'));
  }
  return marks;
 }

 second(runs, x, width) {
  const key = this.pane;
  const volts = key === 'u';
  const shown = phases((i) => i).filter((i) => byId(`phase-${i + 1}`).checked);
  const values = runs.flat().flatMap((point) => shown.map((i) => point[key][i])).filter(known);
  if (!values.length) values.push(volts ? 230 : 0);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const scale = volts ? roundScale(low - 0.5, high + 0.5, 4) : roundScale(0, Math.max(1, high), 4);
  const y = (value) => PANE_TOP + PANE_H - ((value - scale.low) / (scale.high - scale.low)) * PANE_H;
  const last = runs.at(-1)?.at(-1);
  const ends = shown.filter((i) => known(last?.[key][i])).map((i) => ({ i, y: y(last[key][i]) + 4 })).sort((a, b) => a.y - b.y);
  ends.forEach((end, k) => {
   if (k) end.y = Math.max(end.y, ends[k - 1].y + 12);
  });
  return [
   grid(scale, y, LEFT, width - RIGHT, volts ? 'V' : 'A', PANE_TOP - 8),
   shown.map((i) => runs.map((run) => path(through(run.filter((point) => known(point[key][i])).map((point) => [x(point.at), y(point[key][i])])), `ln p${i + 1}`))),
   ends.map((end) => label(x(last.at) + 6, end.y, `L${end.i + 1}`, `b t${end.i + 1}`)),
  ];
 }

 read(point) {
  const seen = known(point?.p);
  fill('live-read', seen
   ? [h('span', null, ltr(clock(point.at * 1000))), h('span', null, `${directed(point.p)} `, kilo(Math.abs(point.p), 2, 'W')),
    phases((i, name) => h('span', null, ltr(`${name} ${withUnit(point.u[i], 1, 'V')} ${withUnit(point.i[i], 2, 'A')}`)))]
   : t('No values at this time.'));
  byId('live-read').setAttribute('aria-live', this.cursor !== null && document.activeElement === this.box ? 'polite' : 'off');
 }

 list() {
  const rows = [];
  let next = Infinity;
  for (const point of this.history.points.toReversed()) {
   if (point.p === null || point.at > next) continue;
   next = point.at - TABLE_STEP_S;
   const power = kilo(Math.abs(point.p), 2, 'W');
   rows.push([ltr(clock(point.at * 1000)), point.p > 0 ? power : '–', point.p > 0 ? '–' : power,
    ...phases((i) => ltr(`${withUnit(point.u[i], 1, 'V')} ${withUnit(point.i[i], 2, 'A')}`))]);
  }
  fill('live-table', table(t('Last 10 minutes'), [t('Time'), t('Import'), t('Export'), 'L1', 'L2', 'L3'], rows));
 }
}
