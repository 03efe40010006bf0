// Elements, made without any text ever being read as markup.

/** An element with attributes and children. Absent children are left out, and texts stay texts. */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value)
    else if (value === true) element.setAttribute(name, '')
    else if (value !== false && value != null) element.setAttribute(name, value)
  }
  element.append(...children.flat(Infinity).filter((child) => child != null && child !== false))
  return element
}

export const byId = (id) => document.getElementById(id)

/** A small word in a colour that says how it is meant: good, warn, bad or none. */
export const chip = (text, tone = '') => el('span', { class: `chip ${tone}` }, String(text))

/** A link to somewhere on the web; what is no such address stays text. */
export function link(label, address) {
  if (!/^https?:\/\//i.test(address)) return el('span', {}, label)
  return el('a', { href: address, target: '_blank', rel: 'noopener noreferrer' }, label)
}

/** JSON to look into, closed until somebody does. */
export function raw(value, title = 'JSON') {
  const text = typeof value === 'string' ? value : JSON.stringify(value, null, 2)
  return el('details', { class: 'raw' }, el('summary', {}, title), el('pre', { tabindex: 0 }, text))
}

export function parsed(text) {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The time of day in UTC. */
export const timeOf = (instant) => new Date(instant).toISOString().slice(11, 19)

const shown = new WeakMap()

/**
 * Shows entries `[key, value]` in a list. An entry that stays the same keeps its element, and so the focus and what is
 * open in it.
 */
export function showList(list, entries, draw) {
  const before = shown.get(list) ?? new Map()
  const now = new Map()
  for (const [key, value] of entries) {
    const text = JSON.stringify(value)
    const known = before.get(key)
    now.set(key, known?.text === text ? known : { text, element: draw(value) })
  }
  shown.set(list, now)
  const elements = [...now.values()].map(({ element }) => element)
  for (const { element } of before.values()) if (!elements.includes(element)) element.remove()
  elements.forEach((element, place) => {
    if (list.children[place] !== element) list.insertBefore(element, list.children[place] ?? null)
  })
}

/** A numbered log of the server's as entries, the newest first. */
export const newestFirst = ({ first, items }) => items.map((item, place) => [first + place, item]).reverse()

/** Buttons, `[value, label]`, of which one is chosen. They stay, and so does the focus, when another is chosen. */
export function showChoices(group, options, chosen, choose) {
  const known = new Map([...group.children].map((button) => [button.dataset.value, button]))
  const buttons = options.map(([value, label]) => {
    const button = known.get(value) ?? el('button', { type: 'button', 'data-value': value })
    if (button.textContent !== label) button.textContent = label
    button.setAttribute('aria-pressed', String(value === chosen))
    button.onclick = () => choose(value)
    return button
  })
  if (buttons.some((button, place) => group.children[place] !== button) || group.children.length !== buttons.length) {
    group.replaceChildren(...buttons)
  }
}
