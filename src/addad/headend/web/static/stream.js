// The page's one stream of server-sent events: it comes back by itself, slower each time.
const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 30000;
const KINDS = ['live', 'event', 'relay', 'contact', 'reset', 'session'];

/**
 * heard[kind](payload) for each event, heard.lost() and heard.open() for the link. The browser sends
 * Last-Event-ID while it retries by itself; a stream it gives up is opened anew, as by again().
 */
export function follow(url, heard) {
 let source = null;
 let wait = FIRST_WAIT_MS;
 let timer = 0;

 function open() {
  source = new EventSource(url);
  source.onopen = () => {
   wait = FIRST_WAIT_MS;
   heard.open();
  };
  source.onerror = () => (source.readyState === EventSource.CLOSED ? again() : heard.lost());
  for (const kind of KINDS) source.addEventListener(kind, (event) => heard[kind](JSON.parse(event.data)));
 }

 function close() {
  clearTimeout(timer);
  source.close();
 }

 function again() {
  close();
  timer = setTimeout(open, wait);
  wait = Math.min(wait * 2, LONGEST_WAIT_MS);
  heard.lost();
 }

 open();
 return { close, again };
}
