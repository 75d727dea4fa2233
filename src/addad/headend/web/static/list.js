// Keeps the list of service points fresh, and says of each time how long ago it was.
// Without it the page is as the server wrote it.
const PERIOD_MS = 5000;
const STEPS = [["second", 60], ["minute", 60], ["hour", 24], ["day", Infinity]];
const lang = document.documentElement.lang;
const known = Intl.RelativeTimeFormat.supportedLocalesOf([lang]).length ? lang : "en";
const words = new Intl.RelativeTimeFormat(known, { numeric: "always", style: "short" });

const ago = (since) => {
  let count = Math.max(0, (Date.now() - since) / 1000);
  for (const [unit, size] of STEPS) {
    if (count < size) return words.format(-Math.floor(count), unit);
    count /= size;
  }
  return "";
};

const age = (within) => {
  for (const time of within.querySelectorAll("time[data-ago]")) {
    const since = Date.parse(time.dateTime);
    if (Number.isNaN(since)) continue;
    time.title = time.dateTime;
    const text = document.createElement("bdi");
    text.textContent = ago(since);
    time.replaceChildren(text);
  }
};

const refresh = async () => {
  if (document.hidden) return;
  const answer = await fetch(location.href, { headers: { accept: "text/html" } });
  if (!answer.ok || answer.redirected) return;
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const row of document.querySelectorAll("#rows [data-id]")) {
    const other = fresh.querySelector(`#rows [data-id="${CSS.escape(row.dataset.id)}"]`);
    if (!other) continue;
    age(other);
    const cells = other.querySelectorAll("[data-live]");
    row.querySelectorAll("[data-live]").forEach((cell, index) => {
      if (cell.innerHTML !== cells[index].innerHTML) cell.replaceChildren(...cells[index].childNodes);
    });
  }
};

const turn = async () => {
  try {
    await refresh();
  } catch {
    /* the head end is away; the next turn asks again */
  }
  setTimeout(turn, PERIOD_MS);
};

age(document);
if (document.getElementById("rows")) setTimeout(turn, PERIOD_MS);
