// What the meter noticed, newest first, by severity; older ones on request.
import { byId, fill, h, isolated, ltr, sign } from './dom.js';
import { clock, day, minute, now } from './format.js';
import { t } from './i18n.js';

const MOST = 500;
const NAMES = { alarm: 'Alarm', warning: 'Warning', info: 'Information', good: 'Good' };

function item(event) {
 const at = Date.parse(event.at);
 const today = day(at) === day(now());
 return h('li', null,
  h('time', { datetime: event.at }, ltr(today ? clock(at) : day(at)), today ? null : h('small', null, ltr(minute(at)))),
  h('span', { class: 'tx' }, isolated(t(event.text)), event.detail ? h('small', null, isolated(t(event.detail))) : null),
  sign(event.severity, t(NAMES[event.severity] ?? NAMES.info)));
}

export class EventList {
 constructor(url, load) {
  this.url = url;
  this.load = load;
  this.events = [];
  this.nextBefore = null;
  byId('event-filter').addEventListener('change', () => this.draw());
  byId('events-more').addEventListener('click', () => this.more(`${url}?before=${this.nextBefore}`));
 }

 /** An event as it happens. */
 add(event) {
  this.keep([event]);
 }

 /** The newest events anew from the head end. */
 reload() {
  this.events = [];
  return this.more(this.url);
 }

 async more(url) {
  const { events, next_before: nextBefore } = await this.load(url);
  this.nextBefore = nextBefore;
  this.keep(events);
 }

 /** Keep each event once, newest first, not more than there is room for. */
 keep(events) {
  const all = new Map([...this.events, ...events].map((one) => [one.id, one]));
  this.events = [...all.values()].sort((a, b) => Date.parse(b.at) - Date.parse(a.at) || b.id - a.id).slice(0, MOST);
  this.draw();
 }

 draw() {
  const wanted = byId('event-filter').value;
  const shown = this.events.filter((event) => !wanted || event.severity === wanted);
  fill('events', shown.length ? shown.map(item) : h('li', { class: 'none' }, t(wanted ? 'No event of this severity.' : 'The meter has told of no event.')));
  byId('events-more').hidden = this.nextBefore === null || this.events.length >= MOST;
  fill('events-count', String(shown.length));
 }
}
