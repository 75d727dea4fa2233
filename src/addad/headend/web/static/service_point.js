// The page of a service point: one stream in, each card drawn from what it tells.
import { byId, fill, glyph, h } from './dom.js';
import { now, setClock, useTimeZone } from './format.js';
import { drawer } from './frame.js';
import { History } from './history.js';
import { ContactView } from './contact.js';
import { EventList } from './events.js';
import { drawFlow } from './flow.js';
import { LiveChart } from './livechart.js';
import { drawPhasors } from './phasor.js';
import { drawProfile, drawProfileTable, summary } from './profile.js';
import { drawQuality } from './quality.js';
import { drawNow, drawRegisters } from './registers.js';
import { RelayCard } from './relay.js';
import { follow } from './stream.js';
import { drawTiles } from './tiles.js';

const SLOW_MS = 5000;
const RELOAD_MS = 60000;
const KINDS = { good: 'ok', info: 'info', warning: 'warn', alarm: 'alarm' };

const place = JSON.parse(byId('place').textContent);
useTimeZone(place.service_point.time_zone);
setClock(place.now);
const history = new History();
const contact = new ContactView(place.contact);
const events = new EventList(place.events, place.urls.events);
const relay = new RelayCard(place, say);
let live = null;
let day = null;

function say(id, severity, headline, words) {
  fill(byId(id), h('span', { class: `sev ${KINDS[severity]}` }, glyph(severity)), h('p', null, h('b', null, headline), ' ', words));
}

async function load(url) {
  const response = await fetch(url);
  if (response.status === 401 || response.status === 403) expire();
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  return response.json();
}

const chart = new LiveChart(history, () => drawChart());
const drawChart = drawer(() => chart.draw(contact.seen && contact.state !== 'ok' ? contact.seen : now()));
const drawValues = drawer(() => {
  drawTiles(live, day && summary(day, live, now()));
  drawFlow(live);
  drawPhasors(live, say);
  drawQuality(live, say);
  drawNow(live);
});
const drawDay = drawer(() => {
  if (!day) return;
  drawProfile(day, live, now());
  if (byId('profile-table').closest('details').open) drawProfileTable(day, live, now());
});
const drawContact = drawer(() => contact.draw(live !== null));


function take(values) {
  live = values;
  contact.seen = Date.parse(values.at);
  history.add(values);
  relay.see(values.relay);
  drawValues();
  drawChart();
}

async function loadLive() {
  const state = await load(place.urls.live);
  history.load(state.history);
  contact.contact = state.contact;
  if (state.latest) take(state.latest);
  drawContact();
  drawChart();
}

async function loadDay() {
  day = await load(place.urls.profile);
  drawDay();
  drawValues();
}

const loadRegisters = async () => drawRegisters(await load(place.urls.registers));
const loadCommands = async () => relay.take((await load(place.urls.relay.replace(/relay$/, 'commands'))).commands);
relay.reload = () => loadCommands().catch(quiet);

/** A failed look-up is tried again in a minute; the banner says what is wrong meanwhile. */
const quiet = () => undefined;

function expire() {
  contact.expired = true;
  contact.linked = false;
  stream?.close();
  history.interrupt();
  drawContact();
}

function reloadAll() {
  for (const part of [loadLive(), loadDay(), loadRegisters(), loadCommands(), events.reload(load)]) part.catch(quiet);
}

let stream = null;
let begun = false;

function start() {
  drawRegisters(place.registers);
  drawContact();
  loadLive().catch(quiet);
  loadDay().catch(quiet);
  stream = follow(place.urls.stream, {
    live: take,
    event: (event) => events.add(event),
    relay: (step) => relay.step(step),
    contact(state) {
      contact.contact = state;
      if (state.state === 'none') history.interrupt();
      drawContact();
    },
    reset: reloadAll,
    session: expire,
    open() {
      contact.linked = true;
      drawContact();
      if (begun) reloadAll();
      begun = true;
    },
    lost() {
      if (contact.linked) load(place.urls.live).catch(quiet);
      contact.linked = false;
      drawContact();
    },
  });
}

start();
setInterval(() => {
  contact.age();
  drawChart();
}, 1000);
setInterval(drawDay, SLOW_MS);
setInterval(() => {
  if (document.hidden || contact.expired) return;
  loadDay().catch(quiet);
  loadRegisters().catch(quiet);
}, RELOAD_MS);
byId('profile-table').closest('details').addEventListener('toggle', drawDay);
new ResizeObserver(() => {
  drawChart();
  drawDay();
  drawValues();
}).observe(byId('main'));
