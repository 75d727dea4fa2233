// The headline numbers: power now, import and export today, the highest interval, the values' age.
import { byId, fill, h, ltr } from './dom.js';
import { NOTHING, known, minute, quantity, withUnit } from './format.js';
import { arrow } from './draw.js';
import { parts, t } from './i18n.js';

const QUIET_W = 5;

/** The word of a power's direction: import, export or none. */
export function direction(watts) {
  if (!known(watts)) return '';
  return Math.abs(watts) < QUIET_W ? t('none') : t(watts > 0 ? 'import' : 'export');
}

function power(live) {
  const watts = live?.p_total;
  if (!known(watts)) {
    fill(byId('pnow'), NOTHING);
    fill(byId('pnow-sub'), '');
    return;
  }
  const quiet = Math.abs(watts) < QUIET_W;
  const kind = quiet ? 'mute' : watts > 0 ? 'imp' : 'exp';
  fill(byId('pnow'), quiet ? null : arrow(watts > 0), quantity(Math.abs(watts) / 1000, 2, 'kW'),
    h('span', { class: `dirw ${kind}` }, direction(watts)));
  const words = quiet ? (live.relay?.state === 1 ? '' : t('relayOpen')) : t(watts > 0 ? 'drawn' : 'fed');
  fill(byId('pnow-sub'), words, words ? ' · ' : null, ltr(withUnit(live.f, 2, 'Hz')));
}

function energies(live, today) {
  for (const side of ['import', 'export']) {
    const total = live?.[`${side}_wh`] ?? today?.[side].index;
    fill(byId(`${side}-today`), quantity(known(today?.[side].wh) ? today[side].wh / 1000 : null, 2, 'kWh'));
    fill(byId(`${side}-total`), parts('register', { value: ltr(withUnit(known(total) ? total / 1000 : null, 2, 'kWh')) }));
  }
}

function highest(today) {
  const peak = today?.peak;
  fill(byId('peak'), quantity(peak ? peak.watts / 1000 : null, 2, 'kW'));
  fill(byId('peak-sub'), peak ? parts('until', { time: ltr(minute(peak.at)) }) : t('noInterval'));
}

function age(live) {
  const stages = Object.values(live?.stages_ms ?? {});
  const sum = stages.reduce((a, b) => a + b, 0);
  fill(byId('delay'), quantity(stages.length ? sum / 1000 : null, 2, 's'));
  fill(byId('delay-sub'), stages.length ? t('delayNote') : '');
}

/** Draw the tiles from the newest values and the day so far. */
export function drawTiles(live, today) {
  power(live);
  energies(live, today);
  highest(today);
  age(live);
}
