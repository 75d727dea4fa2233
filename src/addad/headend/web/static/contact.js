// Whether the values are of now: the badge, the time last seen, and the banner that says why not.
import { byId, fill, glyph, h, ltr } from './dom.js';
import { clock, moment, now } from './format.js';
import { parts, t, word } from './i18n.js';

const BADGES = {
  ok: ['ok', 'good', 'inContact'],
  stale: ['warn', 'warning', 'staleData'],
  none: ['alarm', 'alarm', 'noContact'],
  lost: ['warn', 'warning', 'noLink'],
};
const PAGE_STATES = { ok: 'live', stale: 'stale', none: 'nocontact', lost: 'stale' };

export class ContactView {
  linked = true;
  expired = false;

  constructor(contact) {
    this.contact = contact;
    this.seen = null;
  }

  /** ok, stale, none: of the meter; lost: the head end itself is not heard. */
  get state() {
    return this.linked ? this.contact.state : 'lost';
  }

  draw(ready) {
    const [style, sign, words] = BADGES[this.state] ?? BADGES.none;
    const badge = byId('badge');
    badge.className = `badge ${style}`;
    fill(badge, glyph(sign), h('span', null, t(words)));
    document.body.dataset.state = ready || this.state !== 'ok' ? PAGE_STATES[this.state] : 'loading';
    this.banner();
    this.age();
  }

  age() {
    if (!this.seen) {
      fill(byId('seen'), '–');
      return;
    }
    const seconds = Math.max(0, Math.round((now() - this.seen) / 1000));
    const passed = seconds < 100 ? t('secondsAgo', { n: seconds })
      : seconds < 6000 ? t('minutesAgo', { n: Math.round(seconds / 60) }) : t('hoursAgo', { n: Math.round(seconds / 3600) });
    fill(byId('seen'), ltr(seconds < 60 ? clock(this.seen) : moment(this.seen)), ' ', h('span', { class: 'mute' }, `(${passed})`));
    byId('seen').setAttribute('datetime', new Date(this.seen).toISOString());
  }

  banner() {
    const banner = byId('banner');
    const words = this.words();
    banner.hidden = !words;
    const key = words ? JSON.stringify([this.state, this.expired, this.contact]) : '';
    if (!words || banner.dataset.key === key) return;
    banner.dataset.key = key;
    banner.className = `banner ${this.expired || this.state === 'none' ? 'alarm' : ''}`;
    const link = this.expired ? h('a', { class: 'btn s', href: `/login?next=${encodeURIComponent(location.pathname)}` }, t('signIn')) : null;
    fill(banner, glyph(this.state === 'none' ? 'alarm' : 'warning'), h('span', null, words), link);
  }

  words() {
    const since = ltr(moment(Date.parse(this.contact.since)));
    const reason = this.contact.reason ? word(this.contact.reason) : '';
    if (this.expired) return t('sessionExpired');
    if (this.state === 'lost') return t('linkLost');
    if (this.state === 'stale') return parts('staleSince', { since });
    if (this.state === 'none') return parts(reason ? 'noAnswerWhy' : 'noAnswer', { since, reason: h('bdi', null, reason) });
    return null;
  }
}
