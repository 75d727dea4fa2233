// The page's words, translated by the server: two JSON blocks in the page.
const read = (id) => JSON.parse(document.getElementById(id).textContent);
const messages = read('messages');
const words = read('words');

/** A message by its key, with {names} filled in as text. */
export const t = (key, values = {}) =>
  (messages[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));

/** A message as a list of nodes, with {names} filled in by nodes; for append and fill. */
export const parts = (key, values) =>
  (messages[key] ?? key)
    .split(/(\{\w+\})/)
    .filter(Boolean)
    .map((part) => (/^\{\w+\}$/.test(part) ? values[part.slice(1, -1)] ?? part : part));

/** English words of the head end (events, registers, outcomes) in the page's language. */
export function word(english) {
  if (words[english]) return words[english];
  const number = /\d+/.exec(english)?.[0];
  const pattern = number === undefined ? undefined : words[english.replace(number, '{n}')];
  return pattern ? pattern.replace('{n}', number) : english;
}
