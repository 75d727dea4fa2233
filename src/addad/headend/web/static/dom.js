// Elements and SVG by builders. Text from data goes in as text nodes, never as markup.
const SVG = 'http://www.w3.org/2000/svg';
const given = (child) => child !== null && child !== undefined;

function build(element, attributes, children) {
 for (const [name, value] of Object.entries(attributes ?? {})) {
  if (given(value) && value !== false) element.setAttribute(name, value);
 }
 element.append(...children.flat(Infinity).filter(given));
 return element;
}

/** h('p', {class: 'note'}, 'text', node, [nodes]) */
export const h = (name, attributes, ...children) => build(document.createElement(name), attributes, children);
export const s = (name, attributes, ...children) => build(document.createElementNS(SVG, name), attributes, children);
export const byId = (id) => document.getElementById(id);
export const fill = (id, ...children) => byId(id).replaceChildren(...children.flat(Infinity).filter(given));

/** Numbers, codes and times: left to right whatever the page's direction. */
export const ltr = (...children) => h('bdi', { dir: 'ltr' }, ...children);
/** A name from data. */
export const isolated = (text) => h('bdi', null, text);

export const round = (x) => Math.round(x * 10) / 10;
export const label = (x, y, text, kind, anchor) => s('text', { x: round(x), y: round(y), class: kind, 'text-anchor': anchor }, text);
export const path = (d, kind, attributes) => s('path', { d, class: kind, ...attributes });

/** One of each phase: phases((i, name) => …). */
export const phases = (make) => ['L1', 'L2', 'L3'].map((name, i) => make(i, name));

/** A table; the first cell of a row is its header, the others are numbers. */
export const table = (caption, heads, rows) => h('table', null,
 h('caption', { class: 'sr' }, caption),
 h('thead', null, h('tr', null, heads.map((text, i) => h('th', { scope: 'col', class: i ? 'num' : null }, text)))),
 h('tbody', null, rows.map((cells) => h('tr', null, cells.map((cell, i) => (i ? h('td', { class: 'num' }, cell) : h('th', { scope: 'row' }, cell)))))));

const GLYPHS = {
 good: () => s('circle', { cx: 6, cy: 6, r: 5, fill: 'currentColor' }),
 info: () => s('circle', { cx: 6, cy: 6, r: 4.2, class: 'hollow' }),
 warning: () => path('M6 1.5 11 10.5H1z', 'hollow'),
 alarm: () => path('M6 .5 11.5 6 6 11.5.5 6z', null, { fill: 'currentColor' }),
};

/** The sign of a severity: its shape carries the meaning, colour repeats it. */
export const glyph = (severity) => s('svg', { viewBox: '0 0 12 12', width: 12, height: 12, 'aria-hidden': 'true' }, (GLYPHS[severity] ?? GLYPHS.info)());

const KINDS = { good: 'ok', warning: 'warn', alarm: 'alarm' };
export const sign = (severity, text) => h('span', { class: `sev ${KINDS[severity] ?? 'info'}` }, glyph(severity), text);
