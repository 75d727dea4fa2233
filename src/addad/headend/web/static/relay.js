// The supply relay: what it is, and a change of it by reason, typed digits and confirmation.
import { byId, fill, h, isolated, ltr } from './dom.js';
import { moment, now } from './format.js';
import { CONNECTED, DISCONNECTED, READY, closesRemotely, drawDiagram, stateName } from './relaydiagram.js';
import { Steps, drawCommands } from './relaysteps.js';
import { parts, t } from './i18n.js';

export class RelayCard {
 commands = [];
 steps = new Steps();
 sending = false;
 early = null;

 constructor(place, reload) {
  this.place = place;
  this.relay = place.relay;
  this.reload = reload;
  this.form = byId('relay-form');
  if (this.form) this.listen();
  this.draw();
 }

 listen() {
  this.form.addEventListener('input', () => this.gate());
  this.form.addEventListener('submit', (event) => {
   event.preventDefault();
   if (this.ready()) this.ask();
  });
  byId('dialog-no').addEventListener('click', () => byId('relay-dialog').close());
  byId('dialog-yes').addEventListener('click', () => {
   byId('relay-dialog').close();
   this.send();
  });
 }

 /** The list of commands; one that is unfinished is followed. */
 take(commands) {
  this.commands = commands;
  drawCommands(commands);
  const [newest] = commands;
  if (newest && (this.steps.command?.id === newest.command_id || !newest.finished_at)) {
   this.steps.begin(newest.command_id, newest.action, Date.parse(newest.requested_at));
   this.steps.advance(newest, newest.finished_at ? Date.parse(newest.finished_at) : null);
  }
  this.draw();
 }

 /** What the meter told with its last live values. */
 see(relay) {
  if (!relay || (relay.state === this.relay?.state && relay.mode === this.relay.mode)) return;
  this.relay = relay;
  this.draw();
 }

 /** A step of a command, of this page or of somebody else's. */
 step(step) {
  this.early = step;
  if (step.step === 'requested' && !this.sending) this.steps.begin(step.command_id, this.action, now());
  if (this.steps.advance(step, now())) this.moved();
 }

 moved() {
  if (!this.steps.running) this.reload();
  this.draw();
 }

 get action() {
  return this.relay?.state === DISCONNECTED ? 'reconnect' : 'disconnect';
 }

 get reason() {
  const chosen = byId('relay-reason').value;
  return chosen === 'other' ? byId('relay-own').value.trim() : chosen;
 }

 get typed() {
  return byId('relay-confirm').value.trim();
 }

 ready() {
  return this.relay && !this.sending && !this.steps.running && this.reason && this.typed === this.place.confirm;
 }

 gate() {
  byId('relay-own-row').hidden = byId('relay-reason').value !== 'other';
  byId('relay-go').disabled = !this.ready();
 }

 /** Say what will happen, before anything does. */
 ask() {
  const place = { place: isolated(this.place.service_point.name) };
  const direct = closesRemotely(this.relay.mode);
  const off = this.action === 'disconnect';
  fill('dialog-title', t(off ? 'Disconnect the supply?' : 'Reconnect the supply?'));
  fill('dialog-what', off ? parts('The relay of {place} opens as soon as the meter has the command. Everything behind it loses its supply at once.', place)
   : direct ? parts('The relay of {place} closes as soon as the meter has the command. Everything behind it is under voltage at once.', place)
    : parts('The relay of {place} is made ready. It stays open until somebody at the meter pushes the lever.', place));
  fill('dialog-back', off ? t(direct ? 'It can be closed again from here.' : 'It cannot be closed again from here alone: somebody at the meter has to do it.') : '');
  fill('dialog-facts', [[t('Meter'), ltr(this.place.meter.serial)], [t('Reason'), isolated(this.reason)]].map(([name, value]) => h('div', null, h('dt', null, name), h('dd', null, value))));
  fill('dialog-yes', t(off ? 'Disconnect now' : 'Reconnect now'));
  byId('relay-dialog').showModal();
 }

 async send() {
  const { action } = this;
  this.sending = true;
  this.early = null;
  this.fail('');
  this.gate();
  try {
   const response = await fetch(this.place.urls.relay, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'X-CSRF-Token': this.place.csrf },
    body: JSON.stringify({ action, reason: this.reason, confirm: this.typed }),
   });
   const answer = await response.json().catch(() => ({}));
   if (response.ok) this.started(answer.command_id, action);
   else this.fail([t('The head end refused.'), t(answer.detail ?? ''), t(answer.cure ?? '')].join(' '));
  } catch {
   this.fail(t('The head end could not be reached. Whether the command was sent is shown by the list of commands.'));
  }
  this.sending = false;
  this.draw();
 }

 started(id, action) {
  byId('relay-confirm').value = '';
  this.steps.begin(id, action, now());
  if (this.early && this.steps.advance(this.early, now())) this.moved();
 }

 fail(words) {
  byId('relay-failure').hidden = !words;
  fill('relay-failure', words);
 }

 meaning(state) {
  if (state === DISCONNECTED) return t('The house has no supply.');
  if (state === READY) return t('Somebody at the meter has to push the lever.');
  return t(closesRemotely(this.relay.mode) ? 'After a disconnection, it can be closed from here.' : 'After a disconnection, somebody has to close it at the meter.');
 }

 draw() {
  const state = this.relay?.state;
  const goal = !this.steps.running ? null : this.steps.command.action === 'disconnect' ? DISCONNECTED : closesRemotely(this.relay?.mode) ? CONNECTED : READY;
  drawDiagram(this.relay, goal);
  fill('relay-mode', this.relay?.mode ?? '–');
  const last = this.commands.find((one) => one.step === 'confirmed');
  const caused = last && last.action === ['disconnect', '', 'reconnect'][state];
  fill('relay-state', h('b', null, stateName(state)), this.relay ? ['. ', this.meaning(state), ' '] : null,
   caused ? parts('Since {at}, asked for by {who}: {reason}.', { at: ltr(moment(Date.parse(last.finished_at))), who: isolated(last.who), reason: isolated(last.reason) }) : null);
  if (!this.form) return;
  fill('relay-go', t(state === DISCONNECTED ? 'Reconnect …' : state === READY ? 'Withdraw the reconnection …' : 'Disconnect …'));
  this.gate();
 }
}
