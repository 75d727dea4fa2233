// When to draw: at most four times a second, and not at all while nobody looks.
const SPACING_MS = 250;

/** A function that asks for `draw` to be called soon; a hidden page is drawn when it is seen. */
export function drawer(draw) {
  let timer = 0;
  let last = -Infinity;
  let wanted = false;

  function run() {
    timer = 0;
    if (document.hidden) return;
    wanted = false;
    last = performance.now();
    draw();
  }

  function ask() {
    wanted = true;
    if (timer || document.hidden) return;
    timer = setTimeout(() => requestAnimationFrame(run), Math.max(0, last + SPACING_MS - performance.now()));
  }

  document.addEventListener('visibilitychange', () => {
    if (!document.hidden && wanted) ask();
  });
  return ask;
}

/** Whether somebody can see what is behind a chart: an open <details> around the element. */
export const isOpen = (element) => element.closest('details').open;
