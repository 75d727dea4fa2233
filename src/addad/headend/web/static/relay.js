// The supply relay: what it is, and a change of it by reason, typed digits and confirmation.
import { byId, fill, h, isolated, ltr } from './dom.js';
import { moment, now } from './format.js';
import { closesRemotely, drawDiagram } from './relaydiagram.js';
import { Steps, drawCommands } from './relaysteps.js';
import { parts, t } from './i18n.js';

const GOALS = { reconnect: (mode) => (closesRemotely(mode) ? 1 : 2), disconnect: () => 0 };

export class RelayCard {
  constructor(place, say) {
    this.place = place;
    this.say = say;
    this.relay = place.relay;
    this.steps = new Steps();
    this.sending = false;
    this.form = byId('relay-form');
    if (this.form) this.listen();
    this.take(place.commands);
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

  /** The list of commands, from the page or anew; an unfinished one is followed. */
  take(commands) {
    this.commands = commands;
    drawCommands(commands);
    const [newest] = commands;
    if (newest && (this.steps.command?.id === newest.command_id || !newest.finished_at)) {
      this.steps.begin(newest.command_id, newest.action, Date.parse(newest.requested_at));
      this.steps.advance(newest, newest.finished_at ? Date.parse(newest.finished_at) : undefined);
    }
    this.draw();
  }

  /** What the meter told with its last live values. */
  see(relay) {
    if (!relay || (this.relay && relay.state === this.relay.state && relay.mode === this.relay.mode)) return;
    this.relay = relay;
    this.draw();
  }

  /** A step of a command, of this page or of somebody else's. */
  step(step) {
    if (step.step === 'requested' && !this.sending) this.steps.begin(step.command_id, this.action, now());
    this.pending = step;
    if (this.steps.advance(step, now())) {
      this.draw();
      if (!this.steps.running) this.reload?.();
    }
  }

  get action() {
    return this.relay?.state === 0 ? 'reconnect' : 'disconnect';
  }

  reason() {
    const chosen = byId('relay-reason').value;
    return chosen === 'other' ? byId('relay-own').value.trim() : chosen;
  }

  ready() {
    const typed = byId('relay-confirm').value.trim();
    return Boolean(this.relay) && !this.sending && !this.steps.running && this.reason() !== '' && typed === this.place.confirm;
  }

  gate() {
    byId('relay-own-row').hidden = byId('relay-reason').value !== 'other';
    byId('relay-go').disabled = !this.ready();
  }

  ask() {
    const { action } = this;
    const direct = closesRemotely(this.relay.mode);
    fill(byId('dialog-title'), t(`ask_${action}`));
    fill(byId('dialog-what'), parts(action === 'disconnect' ? 'will_disconnect' : direct ? 'will_close' : 'will_ready', { place: isolated(this.place.service_point.name) }));
    fill(byId('dialog-back'), action === 'disconnect' ? t(direct ? 'back_remote' : 'back_hand') : '');
    fill(byId('dialog-facts'), [[t('meter'), ltr(this.place.meter.serial)], [t('reason'), isolated(this.reason())]]
      .map(([name, value]) => h('div', null, h('dt', null, name), h('dd', null, value))));
    fill(byId('dialog-yes'), t(`do_${action}`));
    byId('relay-dialog').showModal();
  }

  async send() {
    this.sending = true;
    this.pending = null;
    const { action } = this;
    this.fail('');
    this.gate();
    try {
      const response = await fetch(this.place.urls.relay, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json', 'X-CSRF-Token': this.place.csrf },
        body: JSON.stringify({ action, reason: this.reason(), confirm: byId('relay-confirm').value.trim() }),
      });
      const answer = await response.json().catch(() => ({}));
      if (response.ok) this.started(answer, action);
      else this.fail([t('refused'), answer.detail, answer.cure].filter(Boolean).join(' '));
    } catch {
      this.fail(t('notSent'));
    }
    this.sending = false;
    this.draw();
  }

  started(answer, action) {
    this.steps.begin(answer.command_id, action, now());
    if (this.pending?.command_id === answer.command_id) this.steps.advance(this.pending, now());
    byId('relay-confirm').value = '';
    if (!this.steps.running) this.reload?.();
  }

  fail(words) {
    const box = byId('relay-failure');
    box.hidden = !words;
    box.textContent = words;
  }

  /** The last confirmed command that led to where the relay is now, for its time and reason. */
  cause() {
    const wanted = { 0: 'disconnect', 2: 'reconnect' }[this.relay?.state];
    const last = this.commands.find((one) => one.step === 'confirmed');
    return last && last.action === wanted ? last : null;
  }

  draw() {
    const goal = this.steps.running ? GOALS[this.steps.command.action](this.relay?.mode) : null;
    drawDiagram(this.relay, goal);
    this.steps.draw();
    byId('relay-mode').textContent = this.relay?.mode ?? '–';
    const state = this.relay?.state;
    const cause = this.cause();
    const lead = h('b', null, state === undefined ? t('stateUnknown') : t(`state${state}`));
    const since = cause ? [' ', parts('causedBy', { at: ltr(moment(Date.parse(cause.finished_at))), who: isolated(cause.who), reason: isolated(cause.reason) })] : null;
    fill(byId('relay-state'), lead, state === undefined ? '' : `. ${t(state === 1 && closesRemotely(this.relay.mode) ? 'means1remote' : `means${state}`)}`, since);
    if (!this.form) return;
    fill(byId('relay-go'), t(state === 2 ? 'ask_withdraw' : `request_${this.action}`));
    this.gate();
  }
}
