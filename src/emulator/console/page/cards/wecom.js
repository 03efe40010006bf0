// WeCom: texts, markdown, and the template cards of smart robots.

import { el, link } from '../dom.js'
import { MARKDOWN, blocks } from '../markup.js'
import { cardButton } from './card.js'

const XML_TEXT = /<Content>(?:<!\[CDATA\[([^]*?)\]\]>|([^<]*))<\/Content>/

const LOOKS = { 1: 'primary', 2: 'danger', 3: '', 4: '' }

/** The message is JSON, or the XML by which an application answers. */
export function drawWeCom(message, act) {
  if (typeof message === 'string') {
    const [, cdata, plain] = XML_TEXT.exec(message) ?? []
    return (cdata ?? plain) ? bubble(el('p', { class: 'plain' }, cdata ?? plain)) : null
  }
  const { text, markdown, markdown_v2: second, stream, template_card: card } = message
  const words = markdown?.content ?? second?.content ?? stream?.content
  const parts = [
    text && bubble(el('p', { class: 'plain' }, text.content)),
    words && bubble(blocks(words, MARKDOWN)),
    card && drawCard(card, act),
  ].filter(Boolean)
  return parts.length === 0 ? null : el('div', {}, parts)
}

const bubble = (...content) => el('div', { class: 'bubble' }, content)

function drawCard(card, act) {
  const { source, main_title: title, emphasis_content: emphasis, quote_area: quote, sub_title_text: sub } = card
  return el('div', { class: 'template-card' },
    source?.desc && el('p', { class: 'source' }, source.desc),
    title?.title && el('p', { class: 'title' }, title.title),
    title?.desc && el('p', { class: 'quiet' }, title.desc),
    emphasis && el('p', { class: 'emphasis' }, emphasis.title, el('span', { class: 'quiet' }, emphasis.desc ?? '')),
    quote && el('blockquote', {}, quote.title && el('b', {}, quote.title), ' ', quote.quote_text),
    sub && el('p', {}, sub),
    (card.horizontal_content_list ?? []).map(({ keyname, value, url }) =>
      el('p', { class: 'pair' }, el('span', { class: 'quiet' }, keyname), url ? link(value ?? url, url) : value)),
    (card.jump_list ?? []).map(({ title: label, url }) => el('p', { class: 'jump' }, url ? link(label, url) : label)),
    card.button_list && el('div', { class: 'buttons' }, card.button_list.map(({ text, style, key, url }) =>
      cardButton({ label: text, look: LOOKS[style ?? 1] ?? 'primary', url, value: key }, act))))
}
