// A change of the relay: a reason, typed characters of the serial, a confirmation, then the request.
import { byId, fill, h, isolated, ltr } from './dom.js';
import { now } from './format.js';
import { closesRemotely } from './relaydiagram.js';
import { parts, t } from './i18n.js';

export class RelayForm {
 sending = false;
 /** Steps that the stream tells may come before the request itself is answered. */
 early = [];
 asked = null;

 constructor(card) {
  this.card = card;
  this.place = card.place;
  byId('relay-form').addEventListener('input', () => this.gate());
  byId('relay-form').addEventListener('submit', (event) => {
   event.preventDefault();
   if (this.ready()) this.ask();
  });
  byId('dialog-no').addEventListener('click', () => byId('relay-dialog').close());
  byId('dialog-yes').addEventListener('click', () => {
   byId('relay-dialog').close();
   this.send();
  });
  this.gate();
 }

 get reason() {
  const chosen = byId('relay-reason').value;
  return chosen === 'other' ? byId('relay-own').value.trim() : chosen;
 }

 get typed() {
  return byId('relay-confirm').value.trim();
 }

 ready() {
  return this.card.relay && !this.sending && !this.card.steps.running && this.reason && this.typed === this.place.confirm;
 }

 gate() {
  byId('relay-own-row').hidden = byId('relay-reason').value !== 'other';
  byId('relay-go').disabled = !this.ready();
 }

 /** Say what will happen, before anything does; that and nothing else is sent then. */
 ask() {
  const place = { place: isolated(this.place.name) };
  const direct = closesRemotely(this.card.relay.mode);
  const { action } = this.card;
  const off = action === 'disconnect';
  this.asked = { action, reason: this.reason, confirm: this.typed };
  fill('dialog-title', t(off ? 'Disconnect the supply?' : 'Reconnect the supply?'));
  fill('dialog-what', off ? parts('The relay of {place} opens as soon as the meter has the command. Everything behind it loses its supply at once.', place)
   : direct ? parts('The relay of {place} closes as soon as the meter has the command. Everything behind it is under voltage at once.', place)
    : parts('The relay of {place} is made ready. It stays open until somebody at the meter pushes the lever.', place));
  fill('dialog-back', off ? t(direct ? 'It can be closed again from here.' : 'It cannot be closed again from here alone: somebody at the meter has to do it.') : '');
  fill('dialog-facts', [[t('Meter'), ltr(this.place.serial)], [t('Reason'), isolated(this.asked.reason)]].map(([name, value]) => h('div', null, h('dt', null, name), h('dd', null, value))));
  fill('dialog-yes', t(off ? 'Disconnect now' : 'Reconnect now'));
  byId('relay-dialog').showModal();
 }

 async send() {
  this.sending = true;
  this.early = [];
  this.fail('');
  this.gate();
  try {
   const response = await fetch(this.place.urls.relay, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'X-CSRF-Token': document.querySelector('meta[name=csrf-token]').content },
    body: JSON.stringify(this.asked),
   });
   const answer = await response.json().catch(() => ({}));
   if (response.ok) this.started(answer.command_id);
   else this.fail([t('The head end refused.'), t(answer.detail ?? ''), t(answer.cure ?? '')].join(' '));
  } catch {
   this.fail(t('The head end could not be reached. Whether the command was sent is shown by the list of commands.'));
  }
  this.sending = false;
  this.card.draw();
 }

 started(id) {
  byId('relay-form').reset();
  this.card.steps.begin(id, this.asked.action, now());
  for (const { step, at } of this.early) if (this.card.steps.advance(step, at)) this.card.moved();
 }

 fail(words) {
  byId('relay-failure').hidden = !words;
  fill('relay-failure', words);
 }
}
