// Elements and SVG by builders. Text from data goes in as text nodes, never as markup.
const SVG = 'http://www.w3.org/2000/svg';

function build(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value === null || value === undefined || value === false) continue;
    element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined));
  return element;
}

/** An HTML element: h('p', {class: 'note'}, 'text', node, [nodes]). */
export const h = (name, attributes, ...children) =>
  build(document.createElement(name), attributes, children);

/** An SVG element. */
export const s = (name, attributes, ...children) =>
  build(document.createElementNS(SVG, name), attributes, children);

export const byId = (id) => document.getElementById(id);

/** Put children in the place of what an element holds. */
export function fill(element, ...children) {
  element.replaceChildren(...children.flat(Infinity).filter((child) => child !== null && child !== undefined));
}

/** Numbers, codes and times: left to right whatever the page's direction. */
export const ltr = (...children) => h('bdi', { dir: 'ltr' }, ...children);

/** A name from data, isolated. */
export const isolated = (text) => h('bdi', null, text);

/** An SVG text at a point; anchor is start, middle or end. */
export const label = (x, y, text, kind = '', anchor = 'start') =>
  s('text', { x: round(x), y: round(y), class: kind || null, 'text-anchor': anchor }, text);

export const path = (d, attributes) => s('path', { d, ...attributes });

export const round = (x) => Math.round(x * 10) / 10;

/** A table of rows; the first cell of a row is its header, the others are numbers. */
export function table(caption, heads, rows) {
  const head = heads.map((text, i) => h('th', { scope: 'col', class: i ? 'num' : null }, text));
  const body = rows.map((cells) =>
    h('tr', null, cells.map((cell, i) =>
      i ? h('td', { class: 'num' }, cell) : h('th', { scope: 'row' }, cell))));
  return h('table', null,
    h('caption', { class: 'sr' }, caption),
    h('thead', null, h('tr', null, head)),
    h('tbody', null, body));
}

const GLYPHS = {
  good: () => s('circle', { cx: 6, cy: 6, r: 5, fill: 'currentColor' }),
  info: () => s('circle', { cx: 6, cy: 6, r: 4.2, fill: 'none', stroke: 'currentColor', 'stroke-width': 1.5 }),
  warning: () => path('M6 1.5 11 10.5H1z', { fill: 'none', stroke: 'currentColor', 'stroke-width': 1.5, 'stroke-linejoin': 'round' }),
  alarm: () => path('M6 .5 11.5 6 6 11.5.5 6z', { fill: 'currentColor' }),
};

/** The sign of a severity: its shape carries the meaning, colour repeats it. */
export const glyph = (severity) =>
  s('svg', { viewBox: '0 0 12 12', width: 12, height: 12, 'aria-hidden': 'true' }, (GLYPHS[severity] ?? GLYPHS.info)());
