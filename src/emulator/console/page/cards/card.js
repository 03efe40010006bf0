// What the cards of all chats share.

import { el, link } from '../dom.js'

/** What is said instead of pressing a button: the command with its token. */
const CONFIRM = /confirm [A-Za-z0-9_.~=-]{20,}/

/**
 * A button of a card. With a link it leads there; with a value it is pressed, after a question if the chat asks one; with
 * neither it is only drawn.
 */
export function cardButton({ label, look = '', url, value, question }, act) {
  if (url) {
    const anchor = link(label, url)
    anchor.className = `card-button ${look}`
    return anchor
  }
  if (value === undefined) return el('span', { class: `card-button ${look}` }, label)
  const press = async () => {
    if (!question || (await isAsked(question))) act.press(value, label)
  }
  return el('button', { type: 'button', class: `card-button ${look}`, 'data-press': true, onclick: press }, label)
}

/** Asks once more, as Slack and Feishu do. */
function isAsked({ title, text, yes, no = 'Cancel' }) {
  return new Promise((resolve) => {
    const dialog = el('dialog', { class: 'question', 'aria-label': title, onclose: () => {
      resolve(dialog.returnValue === 'yes')
      dialog.remove()
    } },
      el('p', { class: 'question-title' }, title),
      el('p', {}, text),
      el('p', { class: 'question-buttons' },
        el('button', { type: 'button', class: 'card-button', onclick: () => dialog.close('no') }, no),
        el('button', { type: 'button', class: 'card-button danger', onclick: () => dialog.close('yes') }, yes)))
    document.body.append(dialog)
    dialog.showModal()
  })
}

/** The command that a card asks people to type, offered for a click where the card has no button for it. */
export function offer(card, act) {
  const words = CONFIRM.exec(wordsOf(card))?.[0]
  if (!words || card.querySelector('[data-press]')) return null
  return el('p', { class: 'offer' },
    el('button', { type: 'button', 'data-say': true, onclick: () => act.say(words) }, 'Say it: ', el('code', {}, words)))
}

const WITHIN_A_LINE = ['A', 'B', 'CODE', 'I', 'S', 'SPAN']

/** What a card says, where each paragraph is a line of its own. */
function wordsOf(node) {
  if (node.nodeType === Node.TEXT_NODE) return node.data
  const inside = [...node.childNodes].map(wordsOf).join('')
  return WITHIN_A_LINE.includes(node.nodeName) ? inside : `${inside}\n`
}
