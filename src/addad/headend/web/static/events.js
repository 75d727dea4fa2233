// What the meter noticed, newest first, by severity; older ones on request.
import { byId, fill, glyph, h, isolated, ltr } from './dom.js';
import { clock, day, minute, now } from './format.js';
import { t, word } from './i18n.js';

const MOST = 500;
const STYLE = { alarm: 'alarm', warning: 'warn', info: 'info', good: 'ok' };

export class EventList {
  constructor(events, url) {
    this.url = url;
    this.list = byId('events');
    this.filter = byId('event-filter');
    this.filter.addEventListener('change', () => this.draw());
    byId('events-more').addEventListener('click', () => this.older());
    this.start(events, events.length >= 50 ? events.at(-1).id : null);
  }

  start(events, nextBefore) {
    this.events = events;
    this.nextBefore = nextBefore;
    this.draw();
  }

  /** An event as it happens; one that is known already is not shown twice. */
  add(event) {
    if (this.events.some((one) => one.id === event.id)) return;
    this.events.unshift(event);
    this.events.sort((a, b) => Date.parse(b.at) - Date.parse(a.at) || b.id - a.id);
    this.events.length = Math.min(this.events.length, MOST);
    this.draw();
  }

  /** The list anew from the head end. */
  async reload(load) {
    const { events, next_before: nextBefore } = await load(this.url);
    this.start(events, nextBefore);
  }

  async older() {
    const response = await fetch(`${this.url}?before=${this.nextBefore}`);
    if (!response.ok) return;
    const { events, next_before: nextBefore } = await response.json();
    this.start([...this.events, ...events].slice(0, MOST), this.events.length + events.length < MOST ? nextBefore : null);
  }

  draw() {
    const wanted = this.filter.value;
    const shown = this.events.filter((event) => !wanted || event.severity === wanted);
    const none = h('li', { class: 'none' }, t(this.events.length ? 'noneOfSeverity' : 'noEvents'));
    fill(this.list, shown.length ? shown.map(item) : none);
    byId('events-more').hidden = this.nextBefore === null;
    byId('events-count').textContent = String(shown.length);
  }
}

function item(event) {
  const at = Date.parse(event.at);
  const today = day(at) === day(now());
  return h('li', { 'data-severity': event.severity },
    h('time', { datetime: event.at }, ltr(today ? clock(at) : day(at)), today ? null : h('small', null, ltr(minute(at)))),
    h('span', { class: 'tx' }, isolated(word(event.text)), event.detail ? h('small', null, isolated(event.detail)) : null),
    h('span', { class: `sev ${STYLE[event.severity] ?? 'info'}` }, glyph(event.severity), t(`severity_${event.severity}`)));
}
