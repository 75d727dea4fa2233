// The relay's three states and the ways between them, the present one bold and marked.
import { byId, fill, label, path, s } from './dom.js';
import { t } from './i18n.js';

const SWITCHES = { 1: 'M0 0h6l12 0h6', 0: 'M0 0h6l11-9M18 0h6', 2: 'M0 0h6l11-4M18 0h6' };
const CLOSES_REMOTELY = [2, 4, 7];

/** Whether a remote reconnection closes the relay; else somebody has to do it at the meter. */
export const closesRemotely = (mode) => CLOSES_REMOTELY.includes(mode);

function node(state, x, y, width, now, goal) {
  const middle = x + width / 2;
  const kind = now === state ? 'st now' : goal === state ? 'st goal' : 'st';
  return [
    s('rect', { class: kind, x, y, width, height: 50, rx: 6 }),
    path(SWITCHES[state], { class: 'ic', transform: `translate(${middle - 12} ${y + 17})` }),
    label(middle, y + 36, t(`state${state}`), now === state ? 'b' : '', 'middle'),
    now === state ? path(`M${middle - 5} ${y - 9}h10l-5 6z`, { fill: 'var(--ink)' }) : null,
  ];
}

const way = (d) => path(d, { class: 'ar', 'marker-end': 'url(#arrow-head)' });

/** Draw the diagram; `goal` is the state a command under way asks for, or null. */
export function drawDiagram(relay, goal) {
  const head = s('defs', null, s('marker', { id: 'arrow-head', viewBox: '0 0 8 8', refX: 7, refY: 4, markerWidth: 7, markerHeight: 7, orient: 'auto' },
    path('M0 0 8 4 0 8z', { class: 'arh' })));
  const now = relay?.state ?? null;
  const direct = closesRemotely(relay?.mode);
  const ways = direct
    ? [way('M116 28H243'), label(180, 22, t('wayDisconnect'), 'ax', 'middle'), way('M244 48H119'), label(180, 62, t('wayReconnect'), 'ax', 'middle')]
    : [way('M116 37H243'), label(180, 31, t('wayDisconnect'), 'ax', 'middle'),
      way('M318 64v70q0 8-8 8H264'), label(312, 92, t('wayReconnect'), 'ax', 'end'), label(312, 105, t('wayRemote'), 'ax', 'end')];
  const hand = [way('M97 142H66q-8 0-8-8V66'), label(64, 92, t('wayHand1'), 'ax'), label(64, 105, t('wayHand2'), 'ax')];
  const words = t('diagram', { state: now === null ? '–' : t(`state${now}`) });
  fill(byId('relay-diagram'), s('svg', { class: 'sd', viewBox: '0 0 360 168', role: 'img', 'aria-label': words, direction: 'ltr' },
    head, node(1, 2, 12, 112, now, goal), node(0, 246, 12, 112, now, goal), node(2, 100, 114, 160, now, goal), ways, hand));
}
