// Slack: text, blocks, and attachments with a bar of colour.

import { el, link } from '../dom.js'
import { SLACK, inline } from '../markup.js'
import { cardButton } from './card.js'

/** None if the answer shows nothing. */
export function drawSlack({ text, blocks, attachments, response_type: seen }, act) {
  const parts = [
    // Beside blocks the text is for notifications only; beside attachments it is shown.
    text && !blocks && el('div', { class: 'words' }, inline(text, SLACK)),
    (blocks ?? []).map((block) => drawBlock(block, act)),
    (attachments ?? []).map((attachment) => drawAttachment(attachment, act)),
  ].flat().filter(Boolean)
  if (parts.length === 0) return null
  return el('div', {}, seen === 'ephemeral' && el('p', { class: 'only-you' }, 'Only visible to you'), parts)
}

function drawAttachment({ color, blocks, title, text, fields, footer }, act) {
  const bar = el('div', { class: 'attachment' },
    (blocks ?? []).map((block) => drawBlock(block, act)),
    title && el('p', {}, el('b', {}, title)),
    text && el('p', {}, inline(text, SLACK)),
    fields && el('div', { class: 'fields' }, fields.map(({ title: name, value }) =>
      el('div', {}, el('b', {}, name), el('br'), inline(value, SLACK)))),
    footer && el('p', { class: 'context' }, footer))
  if (/^#[0-9a-f]{6}$/i.test(color)) bar.style.setProperty('--bar', color)
  return bar
}

function drawBlock(block, act) {
  switch (block.type) {
    case 'header': return el('p', { class: 'header' }, words(block.text))
    case 'section': return el('div', { class: 'section' },
      block.text && el('div', {}, words(block.text)),
      block.fields && el('div', { class: 'fields' }, block.fields.map((field) => el('div', {}, words(field)))),
      block.accessory && drawElement(block.accessory, act))
    case 'rich_text': return el('div', { class: 'section' }, block.elements.map(drawRich))
    case 'actions': return el('div', { class: 'actions' }, block.elements.map((element) => drawElement(element, act)))
    case 'context': return el('div', { class: 'context' }, block.elements.map((element) => el('span', {}, words(element))))
    case 'divider': return el('hr')
    default: return el('p', { class: 'unknown' }, `A block of the type ${block.type}`)
  }
}

const words = ({ type, text }) => (type === 'mrkdwn' ? inline(text, SLACK) : text)

/** Rich text, in which nothing is markup. */
function drawRich({ type, style, elements }) {
  switch (type) {
    case 'rich_text_list': return el(style === 'ordered' ? 'ol' : 'ul', {}, elements.map((item) => el('li', {}, runs(item.elements))))
    case 'rich_text_quote': return el('blockquote', {}, runs(elements))
    case 'rich_text_preformatted': return el('pre', {}, runs(elements))
    default: return el('p', {}, runs(elements))
  }
}

const runs = (elements) => elements.map(({ type, text, style = {}, url, name }) => {
  if (type === 'link') return link(text ?? url, url)
  if (type !== 'text') return el('span', { class: 'mention' }, name ?? type)
  const tags = Object.entries({ code: style.code, b: style.bold, i: style.italic, s: style.strike })
  return tags.reduce((inside, [tag, isSet]) => (isSet ? el(tag, {}, inside) : inside), el('span', { class: 'plain' }, text))
})

function drawElement({ type, text, style = '', url, value, confirm }, act) {
  if (type !== 'button') return null
  const question = confirm && {
    title: confirm.title.text, text: confirm.text.text, yes: confirm.confirm.text, no: confirm.deny.text,
  }
  return cardButton({ label: text.text, look: style, url, value, question }, act)
}
