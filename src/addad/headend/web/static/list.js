// Keeps the list of service points fresh, and says of each time how long ago it was.
// Without it the page is as the server wrote it.
const PERIOD_MS = 5000;
const UNITS = [['second', 60], ['minute', 60], ['hour', 24], ['day', Infinity]];
const lang = document.documentElement.lang;
const known = Intl.RelativeTimeFormat.supportedLocalesOf([lang]).length ? lang : 'en';
const words = new Intl.RelativeTimeFormat(known, { style: 'short' });
const rows = document.getElementById('rows');

function ago(since) {
  let count = Math.max(0, (Date.now() - since) / 1000);
  for (const [unit, size] of UNITS) {
    if (count < size) return words.format(-Math.floor(count), unit);
    count /= size;
  }
  return '';
}

function age(within) {
  for (const time of within.querySelectorAll('time[data-ago]')) {
    const since = Date.parse(time.dateTime);
    if (Number.isNaN(since)) continue;
    const text = document.createElement('bdi');
    text.textContent = ago(since);
    time.title = time.textContent;
    time.replaceChildren(text);
  }
}

const ids = (list) => [...list.querySelectorAll('[data-id]')].map((row) => row.dataset.id).join(' ');

function take(fresh) {
  age(fresh);
  if (ids(fresh) !== ids(rows)) {
    rows.replaceChildren(...fresh.childNodes);
    return;
  }
  const cells = fresh.querySelectorAll('[data-live]');
  rows.querySelectorAll('[data-live]').forEach((cell, index) => {
    if (cell.innerHTML !== cells[index].innerHTML) cell.replaceChildren(...cells[index].childNodes);
  });
}

// 'live', 'away' (the head end does not answer) or 'expired' (the session is over)
function show(state) {
  document.body.dataset.state = state === 'live' ? 'live' : 'stale';
  for (const id of ['away', 'expired']) document.getElementById(id).hidden = id !== state;
}

async function ask() {
  const answer = await fetch(location.href, { cache: 'no-store' });
  if (answer.redirected) return 'expired';
  if (!answer.ok) return 'away';
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
  const fresh = page.getElementById('rows');
  if (fresh) take(fresh);
  return 'live';
}

async function turn() {
  if (!document.hidden) show(await ask().catch(() => 'away'));
  setTimeout(turn, PERIOD_MS);
}

age(document);
if (rows) setTimeout(turn, PERIOD_MS);
