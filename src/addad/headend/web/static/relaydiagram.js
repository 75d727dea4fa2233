// The relay's three states and the ways between them, the present one bold and marked.
import { fill, label, path, s } from './dom.js';
import { t } from './i18n.js';

export const DISCONNECTED = 0;
export const CONNECTED = 1;
export const READY = 2;
const STATES = ['Disconnected', 'Connected', 'Ready for reconnection'];
const SWITCHES = ['M0 0h6l11-9M18 0h6', 'M0 0h24', 'M0 0h6l11-4M18 0h6'];
const PLACES = [[246, 12, 112], [2, 12, 112], [100, 114, 160]];

export const stateName = (state) => t(STATES[state] ?? 'not known');

/** Whether a remote reconnection closes the relay; in other modes somebody has to at the meter. */
export const closesRemotely = (mode) => [2, 4, 7].includes(mode);

function node(state, now, goal) {
 const [x, y, width] = PLACES[state];
 const middle = x + width / 2;
 const name = label(middle, y + 36, stateName(state), now === state ? 'b' : null, 'middle');
 if (name.textContent.length * 6.6 > width) name.setAttribute('textLength', width - 10);
 name.setAttribute('lengthAdjust', 'spacingAndGlyphs');
 return [
  s('rect', { class: `st ${now === state ? 'now' : goal === state ? 'goal' : ''}`, x, y, width, height: 50, rx: 6 }),
  path(SWITCHES[state], 'ic', { transform: `translate(${middle - 12} ${y + 17})` }),
  name,
  now === state ? path(`M${middle - 5} ${y - 9}h10l-5 6z`, 'here') : null,
 ];
}

const way = (d, x, y, anchor, ...lines) => [path(d, 'ar', { 'marker-end': 'url(#arrow-head)' }), lines.map((text, i) => label(x, y + 13 * i, text, 'ax', anchor))];

/** Draw the diagram; `goal` is the state that a command under way asks for, or null. */
export function drawDiagram(relay, goal) {
 const now = relay?.state;
 const direct = closesRemotely(relay?.mode);
 fill('relay-diagram', s('svg', { class: 'sd', viewBox: '0 0 360 168', role: 'img', 'aria-label': t('States of the relay. Now: {state}.', { state: stateName(now) }), direction: 'ltr' },
  s('defs', null, s('marker', { id: 'arrow-head', viewBox: '0 0 8 8', refX: 7, refY: 4, markerWidth: 7, markerHeight: 7, orient: 'auto' }, path('M0 0 8 4 0 8z', 'arh'))),
  [0, 1, 2].map((state) => node(state, now, goal)),
  way(direct ? 'M116 28H243' : 'M116 37H243', 180, direct ? 22 : 31, 'middle', t('disconnect')),
  direct ? way('M244 48H119', 180, 62, 'middle', t('reconnect')) : way('M318 64v70q0 8-8 8H264', 312, 92, 'end', t('reconnect,'), t('from here')),
  way('M97 142H66q-8 0-8-8V66', 64, 92, 'start', t('by hand,'), t('at the meter'))));
}
