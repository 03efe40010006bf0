// 3: the cloud: its clock, its instances, its queue and what it was asked.

import { byId, chip, el, newestFirst, raw, showList, timeOf } from './dom.js'
import { order } from './server.js'

const STEPS = [['+1 min', 60], ['+10 min', 600], ['+1 h', 3600], ['+1 day', 86400]]

/** By how many milliseconds the stand-in's clock is ahead of the browser's. */
let ahead = 0

async function advance(seconds, button) {
  button.disabled = true
  try {
    await order('advance', { seconds })
  } finally {
    button.disabled = false
  }
}

byId('advance').append(...STEPS.map(([label, seconds]) => {
  const button = el('button', { type: 'button', onclick: () => advance(seconds, button) }, label)
  return button
}))
setInterval(tick, 1000)

function tick() {
  const now = new Date(Date.now() + ahead)
  byId('now').textContent = `${now.toISOString().slice(0, 19).replace('T', ' ')} UTC`
}

export function showCloud({ now, instances, queue, calls }) {
  ahead = new Date(now) - Date.now()
  tick()
  showList(byId('instances'), instances.map((instance) => [`${instance.account}/${instance.id}`, instance]), drawInstance)
  showList(byId('waiting'), queue.waiting.map((task, place) => [place, task]), drawWaiting)
  showList(byId('delivered'), newestFirst(queue.delivered), drawDelivered)
  showList(byId('dead-letters'), newestFirst(queue.dead_letters), drawDeadLetter)
  showList(byId('calls'), newestFirst(calls), drawCall)
}

function drawInstance({ id, region, status, backup_encryption: isOn, key }) {
  return el('li', {},
    el('p', { class: 'entry-title' }, el('code', {}, id), chip(status, status === 'Running' ? '' : 'warn')),
    el('p', {}, chip(isOn ? 'backup encryption on' : 'backup encryption off', isOn ? 'good' : ''),
      el('span', { class: 'quiet' }, ` ${region}${isOn ? `, ${key ?? 'automatic key'}` : ''}`)))
}

function drawWaiting({ due, attempt, body }) {
  return el('li', {},
    el('p', { class: 'entry-title' }, chip('waits', 'warn'), `due ${timeOf(due)}, delivery ${attempt + 1}`),
    raw(body, 'Task'))
}

function drawDelivered({ at, attempt, x_fc_status: own, http_status: status, answer }) {
  return el('li', {},
    el('p', { class: 'entry-title' }, chip('delivered', own === '200' ? 'good' : 'warn'),
      `${timeOf(at)}, delivery ${attempt + 1}: ${status ?? 'no answer'}${own ? `, x-fc-status ${own}` : ''}`),
    raw(answer, 'Answer'))
}

function drawDeadLetter(record) {
  return el('li', {},
    el('p', { class: 'entry-title' }, chip('dead letter', 'bad'), record.requestContext.condition),
    raw(record, 'Record'))
}

function drawCall({ operation, instance, region, code, http_status: status }) {
  return el('li', { class: 'call' },
    el('p', {}, el('code', {}, operation ?? 'An unknown operation')),
    el('p', { class: 'quiet' }, chip(code, code === 'OK' ? 'good' : 'bad'), ' ',
      [status ?? 'no answer', instance, region].filter(Boolean).join(' · ')))
}
