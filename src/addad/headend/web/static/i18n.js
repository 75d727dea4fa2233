// The page's words. English is in place; for other languages the page brings a block of them.
const words = Object.assign(Object.create(null), JSON.parse(document.getElementById('words').textContent));

/** A text with {names} that are filled in by text; texts with a number are known as `… {n} …`. */
export function t(english, values = {}) {
 const number = /\d+/.exec(english)?.[0] ?? '';
 const found = words[english] ?? words[english.replace(number, '{n}')]?.replace('{n}', number) ?? english;
 return found.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

/** The same as a list of nodes, {names} filled in by nodes. */
export const parts = (english, values) =>
 (words[english] ?? english).split(/\{(\w+)\}/).map((part, i) => (i % 2 ? values[part] : part));
