// How far a command has come: Requested → Accepted → Confirmed, or failed, each with its time.
import { byId, fill, h, isolated, ltr } from './dom.js';
import { clock, moment } from './format.js';
import { t } from './i18n.js';

const RANKS = { requested: 1, accepted: 2, confirmed: 3, failed: 3 };
const NAMES = { requested: 'Requested', accepted: 'Accepted', confirmed: 'Confirmed', failed: 'Failed' };
const WAITS = { accepted: 'by the meter', confirmed: 'reading back' };
const ACTIONS = { disconnect: 'Disconnection', reconnect: 'Reconnection' };

/** The command that is followed: the one under way, or the last one of this page. */
export class Steps {
 command = null;

 begin(id, action, at) {
  if (this.command?.id === id) return;
  this.command = { id, action, rank: 0, failed: false, message: '', times: [] };
  this.advance({ command_id: id, step: 'requested', message: '' }, at);
 }

 /** A step as it is told; steps never go back. Returns whether it was news. */
 advance({ command_id: id, step, message }, at) {
  const rank = RANKS[step];
  if (this.command?.id !== id || !(rank > this.command.rank)) return false;
  Object.assign(this.command, { rank, message, failed: step === 'failed' });
  this.command.times[rank - 1] = at;
  this.draw();
  return true;
 }

 get running() {
  return this.command !== null && this.command.rank < 3;
 }

 draw() {
  const { rank, failed, message, times } = this.command;
  byId('relay-steps').hidden = byId('relay-outcome').hidden = false;
  fill('relay-steps', ['requested', 'accepted', failed ? 'failed' : 'confirmed'].map((name, i) => {
   const done = i < rank && !(failed && i === 1 && !times[1]);
   const busy = i === rank;
   const note = times[i] ? ltr(clock(times[i])) : busy ? t(WAITS[name]) : '';
   return h('li', { class: `${done ? 'done' : busy ? 'busy' : ''} ${name}` }, h('b', null, t(NAMES[name])), h('span', null, note));
  }));
  byId('relay-outcome').className = `outcome ${failed ? 'alarm' : rank === 3 ? 'ok' : ''}`;
  fill('relay-outcome', rank < 3 ? t('Under way. It is done only when the state has been read back.') : [t(failed ? 'It failed:' : 'Confirmed by the meter:'), ' ', isolated(t(message)), '.']);
 }
}

/** Earlier commands: what, who and why, and how it ended. */
export function drawCommands(commands) {
 byId('relay-log').hidden = !commands.length;
 fill('commands', commands.map((one) => h('li', null,
  h('time', { datetime: one.requested_at }, ltr(moment(Date.parse(one.requested_at)))),
  h('span', { class: 'tx' }, `${t(ACTIONS[one.action])}: ${t(NAMES[one.step])}`,
   h('small', null, isolated(one.who), ' · ', isolated(one.reason)),
   one.message ? h('small', null, isolated(t(one.message))) : null))));
}
