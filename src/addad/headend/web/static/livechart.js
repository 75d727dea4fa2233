// The last ten minutes: power over voltage or current, with a cursor for pointer and keys.
import { byId, fill, h, label, ltr, path, round, s, table } from './dom.js';
import { clock, known, minute, num, quantity, withUnit } from './format.js';
import { grid, hatching, picture, roundScale, through, widthOf } from './draw.js';
import { isOpen } from './frame.js';
import { direction } from './tiles.js';
import { t } from './i18n.js';

const SPAN_S = 600;
const LEFT = 44;
const RIGHT = 26;
const POWER_H = 196;
const PANE_H = 118;
const BETWEEN = 26;
const TABLE_STEP_S = 30;

export class LiveChart {
  pane = 'u';
  cursor = null;
  end = 0;

  constructor(history, ask) {
    this.history = history;
    this.box = byId('live');
    this.ask = ask;
    for (const radio of document.getElementsByName('pane')) {
      radio.addEventListener('change', () => {
        this.pane = radio.value;
        ask();
      });
    }
    byId('phases').addEventListener('change', ask);
    this.box.addEventListener('pointermove', (event) => this.point(event.clientX));
    this.box.addEventListener('pointerleave', () => this.move(null));
    this.box.addEventListener('blur', () => this.move(null));
    this.box.addEventListener('keydown', (event) => this.key(event));
    byId('live-table').closest('details').addEventListener('toggle', () => this.drawTable());
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

  /** The point under the cursor, or none within two seconds of it. */
  chosen() {
    if (this.cursor === null) return null;
    let best = null;
    for (const point of this.history.points) {
      if (point.p === null) continue;
      if (!best || Math.abs(point.at - this.cursor) < Math.abs(best.at - this.cursor)) best = point;
    }
    return best && Math.abs(best.at - this.cursor) <= 2 ? best : null;
  }

  draw(now) {
    this.end = Math.floor(now / 1000);
    const from = this.end - SPAN_S;
    const runs = this.history.runs(from);
    const width = widthOf(this.box);
    const bottom = POWER_H + (this.pane ? BETWEEN + PANE_H : 0);
    const x = (at) => LEFT + ((at - from) / SPAN_S) * (width - LEFT - RIGHT);
    const marks = [hatching('hat-live'), this.power(runs, x, width), this.times(x, from, width, bottom)];
    if (this.pane) marks.push(this.second(runs, x, width));
    const point = this.chosen();
    if (this.cursor !== null) marks.push(path(`M${round(x(this.cursor))} 6V${bottom}`, { class: 'cur' }));
    if (point) marks.push(s('circle', { cx: round(x(point.at)), cy: round(this.y(point.p / 1000)), r: 3.5, class: 'dot' }));
    fill(this.box, picture(width, bottom + 24, marks));
    this.read(point ?? (this.cursor === null ? this.history.points.at(-1) : null));
    this.drawTable();
  }

  power(runs, x, width) {
    const kw = runs.flat().map((point) => point.p / 1000);
    const scale = roundScale(Math.min(-0.5, ...kw), Math.max(0.5, ...kw), 6);
    const y = (value) => 8 + ((POWER_H - 8) * (value - scale.low)) / (scale.high - scale.low);
    this.y = y;
    const area = (run, part) => {
      const edge = run.map((point) => [x(point.at), y(part(point.p / 1000))]);
      return `${through([[x(run[0].at), y(0)], ...edge, [x(run.at(-1).at), y(0)]])}z`;
    };
    return [
      grid(scale, y, LEFT, width - RIGHT),
      label(0, 12, 'kW', 'ax'),
      runs.map((run) => [
        path(area(run, (kwh) => Math.min(kwh, 0)), { fill: 'url(#hat-live)' }),
        path(area(run, (kwh) => Math.max(kwh, 0)), { class: 'f-imp' }),
        path(through(run.map((point) => [x(point.at), y(point.p / 1000)])), { class: 'ln', stroke: 'var(--ink)' }),
      ]),
      label(LEFT + 6, y(scale.low) + 14, `↑ ${t('export')}`, 'b halo'),
      label(LEFT + 6, y(scale.high) - 6, `↓ ${t('import')}`, 'b halo'),
    ];
  }

  times(x, from, width, bottom) {
    const step = width < 480 ? 180 : 60;
    const marks = [];
    for (let at = Math.ceil(from / step) * step; at <= this.end; at += step) {
      const place = x(at);
      if (place < LEFT + 14 || place > width - RIGHT - 12) continue;
      marks.push(path(`M${round(place)} ${bottom}v5`, { class: 'gl' }), label(place, bottom + 18, minute(at * 1000), 'ax', 'middle'));
    }
    return marks;
  }

  second(runs, x, width) {
    const shown = [0, 1, 2].filter((i) => byId(`phase-${i + 1}`).checked);
    const top = POWER_H + BETWEEN;
    const key = this.pane;
    const values = runs.flat().flatMap((point) => shown.map((i) => point[key][i])).filter(known);
    const least = key === 'u' ? Math.min(...values, Infinity) : 0;
    const most = Math.max(...values, key === 'u' ? -Infinity : 1);
    const scale = values.length ? roundScale(least - (key === 'u' ? 0.5 : 0), most + (key === 'u' ? 0.5 : 0), 4) : roundScale(220, 240, 4);
    const y = (value) => top + PANE_H - ((value - scale.low) / (scale.high - scale.low)) * PANE_H;
    const last = runs.at(-1)?.at(-1);
    const ends = shown.filter((i) => known(last?.[key][i])).map((i) => ({ i, y: y(last[key][i]) + 4 })).sort((a, b) => a.y - b.y);
    ends.forEach((end, k) => {
      if (k && end.y - ends[k - 1].y < 12) end.y = ends[k - 1].y + 12;
    });
    const line = (run, i) => through(run.filter((point) => known(point[key][i])).map((point) => [x(point.at), y(point[key][i])]));
    return [
      grid(scale, y, LEFT, width - RIGHT),
      label(0, top - 8, key === 'u' ? 'V' : 'A', 'ax'),
      shown.map((i) => runs.map((run) => path(line(run, i), { class: `ln p${i + 1}` }))),
      ends.map((end) => label(Math.min(x(last.at), width - RIGHT) + 6, end.y, `L${end.i + 1}`, `b t${end.i + 1}`)),
    ];
  }

  read(point) {
    const words = point && point.p !== null
      ? [h('span', null, ltr(clock(point.at * 1000))),
        h('span', null, `${point.p > 0 ? '↓' : '↑'} ${direction(point.p)} `, quantity(Math.abs(point.p) / 1000, 2, 'kW')),
        [0, 1, 2].map((i) => h('span', null, ltr(`L${i + 1} ${withUnit(point.u[i], 1, 'V')} ${withUnit(point.i[i], 2, 'A')}`)))]
      : [h('span', null, t(this.cursor === null ? 'noValues' : 'gap'))];
    fill(byId('live-read'), words);
    byId('live-read').setAttribute('aria-live', document.activeElement === this.box && this.cursor !== null ? 'polite' : 'off');
  }

  drawTable() {
    if (!isOpen(byId('live-table'))) return;
    const rows = [];
    let next = Infinity;
    for (const point of [...this.history.points].reverse()) {
      if (point.p === null || point.at > next) continue;
      next = point.at - TABLE_STEP_S;
      rows.push([ltr(clock(point.at * 1000)),
        point.p > 0 ? quantity(point.p / 1000, 2, 'kW') : '–', point.p <= 0 ? quantity(-point.p / 1000, 2, 'kW') : '–',
        ...[0, 1, 2].map((i) => ltr(`${num(point.u[i], 1)}\u202fV ${num(point.i[i], 2)}\u202fA`))]);
    }
    fill(byId('live-table'), table(t('liveTable'), [t('time'), t('import'), t('export'), 'L1', 'L2', 'L3'], rows));
  }
}
