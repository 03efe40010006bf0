// 4: what people see, in each chat and at each sink.

import { drawDingTalk } from './cards/dingtalk.js'
import { drawFeishu } from './cards/feishu.js'
import { drawSlack } from './cards/slack.js'
import { drawTeams } from './cards/teams.js'
import { drawWeCom } from './cards/wecom.js'
import { offer } from './cards/card.js'
import { byId, el, parsed, raw, showChoices, showList, timeOf } from './dom.js'
import { CHATS } from './names.js'
import { press, say } from './send.js'

const DRAW = { slack: drawSlack, dingtalk: drawDingTalk, feishu: drawFeishu, wecom: drawWeCom, teams: drawTeams }

/** What is told to Feishu to get a token is nobody's to read. */
const UNSEEN = ['feishu-token']

let place = 'slack'
let places = []
const threads = new Map()
/** How many entries of each place were there when it was last looked at. */
const seen = new Map()

export function choosePlace(name) {
  place = name
  showPlaces()
}

export function showPeople({ exchanges, notifications }) {
  const entries = new Map(Object.keys(CHATS).map((name) => [name, []]))
  const add = (name, entry) => entries.set(name, [...(entries.get(name) ?? []), entry])
  numbered(exchanges).filter(([, { chat }]) => chat).forEach(([number, exchange]) => {
    const { chat, said, is_pressed: isPressed, at, before, after, status, answer } = exchange
    add(chat, { order: [before, number, 0], key: `said-${number}`, value: { said, isPressed, at } })
    if (answer !== null) add(chat, { order: [after, number, 1], key: `answer-${number}`, value: { status, answer } })
  })
  numbered(notifications).filter(([, { sink }]) => !UNSEEN.includes(sink)).forEach(([number, { sink, body }]) => {
    const name = sink.replace(/-(reply|bot)$/, '')
    add(name, { order: [number + 0.5, 0, 0], key: `told-${number}`, value: { sink, body } })
  })
  places = [...entries].map(([name, list]) => [name, list.length])
  for (const [name, list] of entries) showThread(name, list)
  showPlaces()
}

const numbered = ({ first, items }) => items.map((item, at) => [first + at, item])

function showPlaces() {
  const count = new Map(places)
  seen.set(place, count.get(place) ?? 0)
  const label = ([name]) => {
    const news = (count.get(name) ?? 0) - (seen.get(name) ?? 0)
    return `${CHATS[name] ?? name[0].toUpperCase() + name.slice(1)}${news > 0 ? ` +${news}` : ''}`
  }
  showChoices(byId('places'), places.map((entry) => [entry[0], label(entry)]), place, choosePlace)
  for (const [name, thread] of threads) thread.hidden = name !== place
}

function showThread(name, entries) {
  if (!threads.has(name)) {
    const thread = el('ol', {
      class: `thread chat-${name}`, 'aria-label': CHATS[name] ?? name, 'data-empty': 'Nobody was told anything here yet.',
    })
    threads.set(name, thread)
    byId('threads').append(thread)
  }
  const thread = threads.get(name)
  const before = thread.children.length
  entries.sort((a, b) => a.order.map((part, at) => part - b.order[at]).find((difference) => difference !== 0) ?? 0)
  showList(thread, entries.map(({ key, value }) => [key, value]), (value) => drawEntry(name, value))
  const column = byId('threads')
  if (thread.children.length > before && name === place) column.scrollTop = column.scrollHeight
}

function drawEntry(name, value) {
  if (value.said !== undefined) return drawSaid(name, value)
  const { status, answer, sink, body } = value
  if (status !== undefined && status !== 200) {
    return el('li', { class: 'system' }, `The door answers ${status ?? 'nothing'}: ${answer}`)
  }
  return drawShown(name, sink, sink ? body : (parsed(answer) ?? answer))
}

function drawSaid(name, { said, isPressed, at }) {
  return el('li', { class: 'mine' },
    el('p', { class: 'who' }, 'You', el('time', { datetime: at }, timeOf(at))),
    el('div', { class: 'mine-words' }, isPressed ? ['pressed ', el('b', {}, said)] : el('span', { class: 'plain' }, said)))
}

/** What the chat shows of a message, or the message itself where no chat draws it. Some answers show nothing. */
function drawShown(name, sink, message) {
  const act = { press: (value, label) => press(name, value, label), say: (text) => say(name, text) }
  const card = DRAW[name] ? DRAW[name](message, act) : raw(message, 'What was sent')
  if (!card) return el('li', { hidden: true })
  card.classList.add('card')
  const isReport = sink && !sink.endsWith('-reply')
  return el('li', { class: 'theirs' },
    el('span', { class: 'avatar', 'aria-hidden': 'true' }, 'rs'),
    el('div', { class: 'message' },
      el('p', { class: 'who' }, 'rds-seal', el('span', { class: 'app' }, isReport ? 'SINK' : 'APP')),
      card,
      DRAW[name] && offer(card, act)))
}
