// The supply relay: what it is, why, and how far commands to it have come.
import { byId, fill, h, isolated, ltr } from './dom.js';
import { moment, now } from './format.js';
import { CONNECTED, DISCONNECTED, READY, closesRemotely, drawDiagram, stateName } from './relaydiagram.js';
import { Steps, drawCommands } from './relaysteps.js';
import { parts, t } from './i18n.js';

export class RelayCard {
 commands = [];
 steps = new Steps();
 form = null;

 constructor(place, reload) {
  this.place = place;
  this.relay = place.relay;
  this.reload = reload;
  for (const kind of ['focusin', 'input']) byId('relay-form')?.addEventListener(kind, () => this.arm());
  this.draw();
 }

 /** Fetch what switches only when somebody reaches for the switch. */
 async arm() {
  if (this.form) return;
  const { RelayForm } = await import('./relayform.js');
  this.form ??= new RelayForm(this);
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
  this.form?.early.push({ step, at: now() });
  if (step.step === 'requested' && !this.form?.sending) this.steps.begin(step.command_id, this.action, now());
  if (this.steps.advance(step, now())) this.moved();
 }

 moved() {
  if (!this.steps.running) this.reload();
  this.draw();
 }

 get action() {
  return this.relay?.state === DISCONNECTED ? 'reconnect' : 'disconnect';
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
  if (byId('relay-go')) fill('relay-go', t(state === DISCONNECTED ? 'Reconnect …' : state === READY ? 'Withdraw the reconnection …' : 'Disconnect …'));
  this.form?.gate();
 }
}
