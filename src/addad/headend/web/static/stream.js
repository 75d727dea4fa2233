// The page's one stream of server-sent events: it comes back by itself, slower each time.
const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 30000;
const SILENCE_MS = 40000;
const KINDS = ['live', 'event', 'relay', 'contact', 'reset', 'session'];

/**
 * Follow `url`; `heard[kind](payload)` for each event, `heard.lost()` when the link is gone and
 * `heard.open()` when it is there (again). The browser itself sends Last-Event-ID while it retries;
 * a stream it gives up is opened anew. Returns {close}.
 */
export function follow(url, heard) {
  let source = null;
  let wait = FIRST_WAIT_MS;
  let timer = 0;
  let watchdog = 0;
  let ended = false;

  const alive = () => {
    clearTimeout(watchdog);
    watchdog = setTimeout(again, SILENCE_MS);
  };

  function again() {
    if (ended) return;
    source?.close();
    clearTimeout(watchdog);
    clearTimeout(timer);
    heard.lost();
    timer = setTimeout(open, wait);
    wait = Math.min(wait * 2, LONGEST_WAIT_MS);
  }

  function open() {
    source = new EventSource(url);
    source.onopen = () => {
      wait = FIRST_WAIT_MS;
      alive();
      heard.open();
    };
    source.onerror = () => (source.readyState === EventSource.CLOSED ? again() : heard.lost());
    for (const kind of KINDS) {
      source.addEventListener(kind, (event) => {
        alive();
        heard[kind]?.(JSON.parse(event.data));
      });
    }
  }

  function close() {
    ended = true;
    clearTimeout(timer);
    clearTimeout(watchdog);
    source?.close();
  }

  open();
  return { close };
}
