// When to draw: at most four times a second, and not at all while nobody looks.

/** A function that has `draw` called soon; a hidden page is drawn when it is seen again. */
export function drawer(draw, spacingMs = 250) {
 let timer = 0;
 let last = -Infinity;
 let wanted = false;
 const run = () => {
  timer = 0;
  if (document.hidden) return;
  wanted = false;
  last = performance.now();
  draw();
 };
 const ask = () => {
  wanted = true;
  if (timer || document.hidden) return;
  timer = setTimeout(() => requestAnimationFrame(run), Math.max(0, last + spacingMs - performance.now()));
 };
 document.addEventListener('visibilitychange', () => wanted && ask());
 return ask;
}

/** Draw a table only while its <details> is open, and when it is opened. */
export function behind(details, draw) {
 details.addEventListener('toggle', draw);
 return () => details.open && draw();
}
