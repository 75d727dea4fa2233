// The page of a service point: one stream in, each card drawn from what it tells.
import { byId, fill, h, sign } from './dom.js';
import { checkTimeZone, now, setClock, useTimeZone } from './format.js';
import { behind, drawer } from './frame.js';
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

const SECOND_MS = 1000;
const RELOAD_MS = 60000;
const SILENCE_MS = 40000;

const place = JSON.parse(byId('place').textContent);
const { urls } = place;
setClock(place.now);
useTimeZone(place.time_zone);

const history = new History();
const contact = new ContactView(place.contact);
const events = new EventList(urls.events, load);
const relay = new RelayCard(place, () => again(loadCommands));
let live = null;
let day = null;
let registers = { at: null, registers: [] };
let stream = null;
let opened = 0;

const say = (id, severity, headline, words) => fill(id, sign(severity), h('p', null, h('b', null, headline), ' ', words));

const chart = new LiveChart(history, () => drawChart());
const drawChart = drawer(() => chart.draw(contact.state === 'ok' ? now() : contact.seen ?? now()));
const drawValues = drawer(() => {
 drawTiles(live, day && summary(day, live, now()));
 drawFlow(live);
 drawPhasors(live, say);
 drawQuality(live, say);
});
const drawSlowly = drawer(() => {
 drawNow(live);
 if (day) drawProfile(day, live, now());
 drawDayTable();
}, SECOND_MS);
const drawDayTable = behind(byId('profile-table').parentNode, () => day && drawProfileTable(day, live, now()));
const drawContact = drawer(() => contact.draw());

async function load(url) {
 const response = await fetch(url);
 if (response.status === 401 || response.status === 403) expire();
 if (!response.ok) throw new Error(`${url}: ${response.status}`);
 return response.json();
}

function take(values) {
 live = values;
 if (!contact.seen) drawContact();
 contact.seen = Date.parse(values.at);
 relay.see(values.relay);
 drawValues();
 if (history.add(values)) {
  drawChart();
  drawSlowly();
 }
}

async function loadLive() {
 const state = await load(urls.live);
 history.load(state.history);
 contact.contact = state.contact;
 if (state.latest) take(state.latest);
 drawContact();
 drawChart();
}

async function loadDay() {
 day = await load(urls.profile);
 if (checkTimeZone(day)) {
  for (const card of [events, relay]) card.draw();
  drawRegisters(registers);
  drawChart();
 }
 drawSlowly();
 drawValues();
}

async function loadRegisters() {
 registers = await load(urls.registers);
 drawRegisters(registers);
}

const loadCommands = async () => relay.take((await load(urls.commands)).commands);
const loadEvents = () => events.reload();

/** What fails is tried again by the minute; the banner says what is wrong meanwhile. */
const again = (...loads) => loads.forEach((one) => one().catch(() => undefined));

function expire() {
 contact.expired = true;
 lose();
 stream?.close();
}

function lose() {
 contact.linked = false;
 history.interrupt();
 drawContact();
}

function drawAll() {
 drawChart();
 drawValues();
 drawSlowly();
}

function start() {
 again(() => loadLive().finally(() => {
  new ResizeObserver(drawAll).observe(byId('main'));
  again(loadDay, loadRegisters, loadEvents, loadCommands);
 }));
 stream = follow(urls.stream, {
  live: take,
  event: (event) => events.add(event),
  relay: (step) => relay.step(step),
  contact(state) {
   contact.contact = state;
   if (state.state === 'none') history.interrupt();
   drawContact();
  },
  reset: () => again(loadLive, loadDay, loadRegisters, loadEvents, loadCommands),
  session: expire,
  open() {
   contact.linked = true;
   drawContact();
   if (opened++) again(loadLive, loadDay, loadRegisters, loadCommands);
  },
  lost() {
   if (contact.linked) again(loadLive);
   lose();
  },
 });
}

start();
setInterval(() => {
 contact.age();
 drawChart();
 const silent = contact.state === 'ok' && contact.seen && now() - contact.seen > SILENCE_MS;
 if (silent && !document.hidden) stream.again();
}, SECOND_MS);
setInterval(() => {
 if (!document.hidden && !contact.expired) again(loadDay, loadRegisters);
}, RELOAD_MS);
