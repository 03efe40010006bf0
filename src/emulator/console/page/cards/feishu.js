// Feishu and Lark: cards with a coloured head, and short notices over the chat.

import { el, parsed } from '../dom.js'
import { LARK, blocks, inline } from '../markup.js'
import { cardButton } from './card.js'

export function drawFeishu(message, act) {
  const { toast, card, content } = message
  const inside = card?.data ?? card ?? (typeof content === 'string' ? parsed(content) : content)
  const parts = [
    toast && el('p', { class: `toast ${toast.type ?? 'info'}` }, toast.content),
    inside?.text && el('div', { class: 'bubble' }, el('p', { class: 'plain' }, inside.text)),
    (inside?.elements || inside?.body || inside?.header) && drawCard(inside, act),
  ].filter(Boolean)
  return parts.length === 0 ? null : el('div', {}, parts)
}

/** Of version 1, whose elements are the card's own, or 2, which has a body. */
function drawCard({ header, elements, body }, act) {
  return el('div', { class: 'lark-card' },
    header && el('div', { class: `head ${header.template ?? 'default'}` },
      words(header.title), header.subtitle && el('div', { class: 'subtitle' }, words(header.subtitle))),
    el('div', { class: 'body' }, (elements ?? body?.elements ?? []).map((element) => drawElement(element, act))))
}

function drawElement(element, act) {
  switch (element.tag) {
    case 'div': return el('div', { class: 'block' },
      element.text && words(element.text),
      element.fields && el('div', { class: 'fields' },
        element.fields.map(({ is_short: isShort, text }) => el('div', { class: isShort ? 'short' : '' }, words(text)))),
      element.extra && drawElement(element.extra, act))
    case 'markdown': return el('div', { class: 'block' }, blocks(element.content, LARK))
    case 'lark_md':
    case 'plain_text': return el('div', { class: 'block' }, words(element))
    case 'action': return el('div', { class: 'actions' }, element.actions.map((action) => drawElement(action, act)))
    case 'button': return drawButton(element, act)
    case 'note': return el('div', { class: 'note' }, element.elements.map(words))
    case 'hr': return el('hr')
    case 'column_set': return el('div', { class: 'columns' },
      element.columns.map(({ elements }) => el('div', {}, elements.map((inner) => drawElement(inner, act)))))
    case 'column': return element.elements.map((inner) => drawElement(inner, act))
    default: return el('p', { class: 'unknown' }, `An element of the type ${element.tag}`)
  }
}

function words({ tag, content }) {
  return tag === 'plain_text' ? el('span', { class: 'plain' }, content) : el('span', {}, inline(content, LARK))
}

function drawButton({ type = 'default', text, url, value, confirm, behaviors = [] }, act) {
  const label = text.content
  const called = value ?? behaviors.find((behavior) => behavior.type === 'callback')?.value
  const question = confirm && { title: confirm.title.content, text: confirm.text.content, yes: label }
  return cardButton({
    label,
    look: type.replace('_filled', ''),
    url: url ?? behaviors.find((behavior) => behavior.type === 'open_url')?.default_url,
    value: called && (called.confirm ?? Object.values(called)[0]),
    question,
  }, act)
}
