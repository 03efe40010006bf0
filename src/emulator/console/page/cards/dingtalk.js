// DingTalk: markdown messages, and cards whose buttons are links.

import { el } from '../dom.js'
import { MARKDOWN, blocks } from '../markup.js'
import { cardButton } from './card.js'

/** A link by which the chat itself says something in the name of who follows it. */
const SAYS = /^dtmd:\/\/dingtalkclient\/sendMessage\?content=(.+)$/

export function drawDingTalk({ msgtype: kind, text, markdown, actionCard: card }, act) {
  switch (kind) {
    case 'text': return el('div', { class: 'bubble' }, el('p', { class: 'plain' }, text.content))
    case 'markdown': return el('div', { class: 'bubble' }, blocks(markdown.text, MARKDOWN))
    case 'actionCard': return el('div', { class: 'bubble' },
      blocks(card.text, MARKDOWN),
      el('div', { class: `buttons ${card.btnOrientation === '1' ? 'beside' : ''}` },
        buttonsOf(card).map((button) => drawButton(button, act))))
    default: return null
  }
}

const buttonsOf = ({ btns, singleTitle: title, singleURL: actionURL }) => btns ?? (title ? [{ title, actionURL }] : [])

function drawButton({ title, actionURL: url }, act) {
  const says = SAYS.exec(url)?.[1]
  if (!says) return cardButton({ label: title, url }, act)
  return cardButton({ label: title, value: decodeURIComponent(says) }, { press: act.say })
}
