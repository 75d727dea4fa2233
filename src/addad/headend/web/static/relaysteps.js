// How far a command has come: Requested → Accepted → Confirmed, or failed, each with its time.
import { byId, fill, h, isolated, ltr } from './dom.js';
import { clock, moment } from './format.js';
import { t, word } from './i18n.js';

const RANKS = { requested: 1, accepted: 2, confirmed: 3, failed: 3 };
const NAMES = ['requested', 'accepted', 'confirmed'];

/** The command under way or the last one of this page. */
export class Steps {
  command = null;

  /** Begin with a command known from the list or from the answer to a request. */
  begin(id, action, at) {
    if (this.command?.id === id) return;
    this.command = { id, action, rank: 0, failed: false, message: '', times: [] };
    this.advance({ command_id: id, step: 'requested', message: '' }, at);
  }

  /** A step as it is told; steps never go back. Returns whether it was news. */
  advance(step, at) {
    if (this.command?.id !== step.command_id) return false;
    const rank = RANKS[step.step] ?? 0;
    if (rank <= this.command.rank) return false;
    this.command.rank = rank;
    this.command.failed = step.step === 'failed';
    this.command.message = step.message;
    this.command.times[step.step === 'failed' ? 2 : rank - 1] = at;
    this.draw();
    return true;
  }

  get running() {
    return this.command !== null && this.command.rank < 3;
  }

  draw() {
    const list = byId('relay-steps');
    list.hidden = this.command === null;
    if (this.command === null) return;
    const { rank, failed, times } = this.command;
    fill(list, NAMES.map((name, i) => {
      const broken = failed && i === 2;
      const skipped = failed && i === 1 && !times[1];
      const done = broken || (i < rank && !skipped);
      const busy = !done && !failed && i === rank;
      const note = times[i] ? ltr(clock(times[i])) : busy ? t(`waits_${name}`) : '';
      return h('li', { class: broken ? 'done failed' : done ? 'done' : busy ? 'busy' : null },
        h('b', null, t(broken ? 'step_failed' : `step_${name}`)), h('span', null, note));
    }));
    this.say();
  }

  say() {
    const { rank, failed, message, action } = this.command;
    const words = failed ? `${t('failedLead')} ${word(message)}.`
      : rank === 3 ? `${t('confirmedLead')} ${word(message)}.` : t(`under_way_${action}`);
    const box = byId('relay-outcome');
    box.className = failed ? 'outcome alarm full' : rank === 3 ? 'outcome ok full' : 'outcome full';
    box.hidden = false;
    box.textContent = words;
  }
}

/** Earlier commands as a list: what, who and why, and how it ended. */
export function drawCommands(commands) {
  byId('relay-log').hidden = commands.length === 0;
  fill(byId('commands'), commands.map((one) => h('li', null,
    h('time', { datetime: one.requested_at }, ltr(moment(Date.parse(one.requested_at)))),
    h('span', { class: 'tx' }, `${t(`action_${one.action}`)}: ${t(`step_${one.step}`)}`,
      h('small', null, isolated(one.who), ' · ', isolated(one.reason)),
      one.message ? h('small', null, isolated(word(one.message))) : null))));
}
