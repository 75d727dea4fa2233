// The headline numbers: power now, import and export today, the highest interval, the way's time.
import { fill, h, ltr, path, s } from './dom.js';
import { kilo, known, minute, quantity, withUnit } from './format.js';
import { parts, t } from './i18n.js';

const QUIET_W = 5;

/** The word of a power's direction. */
const direction = (watts) => t(Math.abs(watts) < QUIET_W ? 'No flow' : watts > 0 ? 'Import' : 'Export');

/** The same with its arrow. */
export const directed = (watts) => (Math.abs(watts) < QUIET_W ? '' : watts > 0 ? '↓ ' : '↑ ') + direction(watts);

/** ▼ filled for import, △ hollow for export. */
const arrow = (imports) => s('svg', { class: `dir ${imports ? 'f-imp' : 's-exp'}`, viewBox: '0 0 26 26', 'aria-hidden': 'true' }, path(imports ? 'M3 4h20L13 23z' : 'M4.5 21h17L13 4.5z'));

function power(live) {
 const watts = live.p_total;
 const quiet = Math.abs(watts) < QUIET_W;
 const word = known(watts) ? h('span', { class: `dirw ${quiet ? 'mute' : watts > 0 ? 'imp' : 'exp'}` }, direction(watts)) : null;
 fill('pnow', word && !quiet ? arrow(watts > 0) : null, kilo(Math.abs(watts ?? NaN), 2, 'W'), word);
 const open = live.relay && live.relay.state !== 1;
 const words = open ? t('the relay is open') : quiet || !word ? '' : t(watts > 0 ? 'drawn from the grid' : 'fed into the grid');
 fill('pnow-sub', words, words ? ' · ' : '', ltr(withUnit(live.f, 2, 'Hz')));
}

/** Draw the tiles from the newest values and the day so far. */
export function drawTiles(live, today) {
 if (live) {
  power(live);
  const stages = Object.values(live.stages_ms);
  fill('delay', quantity(stages.length ? stages.reduce((a, b) => a + b) / 1000 : null, 2, 's'));
 }
 for (const side of ['import', 'export']) {
  fill(`${side}-today`, kilo(today?.[side].wh, 2, 'Wh'));
  fill(`${side}-total`, parts('register {value}', { value: kilo(live?.[`${side}_wh`] ?? today?.[side].index, 2, 'Wh') }));
 }
 fill('peak', kilo(today?.peak?.watts, 2, 'W'));
 fill('peak-sub', today?.peak ? parts('until {time}', { time: ltr(minute(today.peak.at)) }) : t('no whole interval yet'));
}
