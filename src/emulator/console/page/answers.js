// 2: what the function answers, and what it writes to the audit stream.

import { byId, chip, el, newestFirst, parsed, raw, showList, timeOf } from './dom.js'
import { CHATS } from './names.js'

const TONES = {
  enabled: 'good', already_enabled: 'good', planned: 'warn', waiting: 'warn', refused: 'warn', failed: 'bad', unknown: 'bad',
}

/** One sentence for those who do not see the answer. */
export function summaryOf({ chat, said, status, answer }) {
  const outcomes = (parsed(answer)?.reports ?? []).map(({ outcome }) => outcome)
  const what = outcomes.length > 0 ? outcomes.join(', ') : status === null ? answer : 'answered'
  return `${chat ? `${CHATS[chat]}: ` : ''}${said}: ${status ?? 'no answer'}, ${what}`
}

export function showAnswers({ exchanges, audit }) {
  showList(byId('answers'), newestFirst(exchanges), drawExchange)
  showList(byId('audit'), newestFirst(audit), drawLine)
}

function drawExchange({ at, chat, said, is_pressed: isPressed, status, x_fc_status: own, answer }) {
  const title = el('p', { class: 'entry-title' }, chip(chat ? CHATS[chat] : 'event'), isPressed && 'button ', el('b', {}, said))
  if (answer === null) return el('li', { class: 'pending' }, title, el('p', { class: 'quiet' }, 'On its way'))
  const codes = el('p', { class: 'codes' },
    chip(status ?? 'no answer', status === 200 ? 'good' : 'bad'),
    own && chip(`x-fc-status ${own}`, own === '200' ? 'good' : 'warn'),
    el('time', { datetime: at }, timeOf(at)))
  return el('li', {}, title, codes, drawAnswer(chat, answer))
}

function drawAnswer(chat, answer) {
  const told = parsed(answer)
  if (!told) return el('p', { class: 'quiet' }, answer === '' ? 'An empty body' : answer)
  if (chat) return raw(told)
  return [
    (told.reports ?? []).map(drawReport),
    (told.ignored ?? []).map(({ reason }) => el('p', {}, chip('ignored'), ` ${reason}`)),
    (told.rejected ?? []).map(({ field, reason }) => el('p', {}, chip('rejected', 'bad'), el('code', {}, field), ` ${reason}`)),
    raw(told),
  ]
}

function drawReport({ outcome, verdict, instance, message, next_step: next }) {
  return el('div', { class: 'report' },
    el('p', {}, chip(outcome, TONES[outcome]), verdict && chip(verdict.is), el('code', {}, instance)),
    el('p', {}, message),
    next && el('p', { class: 'quiet' }, next))
}

function drawLine(line) {
  const record = parsed(line)
  if (!record) return el('li', { class: 'plain-line' }, line)
  const kind = (record.schema ?? '').replace(/^rds-seal\.|\/\d+$/g, '') || 'line'
  const { outcome, instance } = record
  return el('li', {},
    el('p', { class: 'entry-title' }, chip(kind), outcome && chip(outcome, TONES[outcome]), el('code', {}, instance ?? '')),
    raw(record))
}
