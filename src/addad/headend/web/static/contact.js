// Whether the values are of now: the badge, the time last seen, and the banner that says why not.
import { byId, fill, glyph, h, isolated, ltr } from './dom.js';
import { clock, moment, now } from './format.js';
import { parts, t } from './i18n.js';

const STATES = {
 ok: ['ok', 'good', 'In contact', 'live'],
 stale: ['warn', 'warning', 'Stale data', 'stale'],
 none: ['alarm', 'alarm', 'No contact', 'nocontact'],
 lost: ['warn', 'warning', 'Connecting', 'stale'],
};

export class ContactView {
 linked = true;
 expired = false;
 seen = null;
 told = '';

 constructor(contact) {
  this.contact = contact;
 }

 /** ok, stale, none: of the meter; lost: the head end itself is not heard. */
 get state() {
  return this.linked ? this.contact.state : 'lost';
 }

 draw() {
  const [kind, sign, words, state] = STATES[this.state] ?? STATES.none;
  byId('badge').className = `badge ${kind}`;
  fill('badge', glyph(sign), h('span', null, t(words)));
  document.body.dataset.state = state === 'live' && !this.seen ? 'loading' : state;
  this.banner(sign);
  this.age();
 }

 age() {
  if (!this.seen) return;
  const seconds = Math.max(0, Math.round((now() - this.seen) / 1000));
  const passed = seconds < 100 ? t('{n} s ago', { n: seconds }) : seconds < 6000 ? t('{n} min ago', { n: Math.round(seconds / 60) }) : t('{n} h ago', { n: Math.round(seconds / 3600) });
  fill('seen', ltr(seconds < 60 ? clock(this.seen) : moment(this.seen)), ' ', h('span', { class: 'mute' }, `(${passed})`));
  byId('seen').setAttribute('datetime', new Date(this.seen).toISOString());
 }

 banner(sign) {
  const words = this.words();
  const text = words ? [words].flat().map((part) => part.textContent ?? part).join('') : '';
  byId('banner').hidden = !words;
  if (!words || text === this.told) return;
  this.told = text;
  byId('banner').className = `banner ${this.expired || sign === 'alarm' ? 'alarm' : ''}`;
  fill('banner', glyph(sign), h('span', null, words),
   this.expired ? h('a', { class: 'btn s', href: `/login?next=${encodeURIComponent(location.pathname)}` }, t('Sign in')) : null);
 }

 words() {
  const since = ltr(moment(Date.parse(this.contact.since)));
  const { reason } = this.contact;
  if (this.expired) return t('Your session has ended. Sign in again to go on; the values shown are old.');
  if (this.state === 'lost') return t('This page has lost the head end and tries again by itself. The values shown are old.');
  if (this.state === 'stale') return parts('The meter is late since {since}. The values shown are old.', { since });
  if (this.state !== 'none') return null;
  const why = reason ? [' (', isolated(t(reason)), ')'] : '';
  return parts('The meter does not answer since {since}{why}. The last known values are shown in grey.', { since, why }).flat();
 }
}
