// 1: what can be sent.

import { byId, el, showChoices } from './dom.js'
import { CHATS } from './names.js'
import { choosePlace } from './people.js'
import { fetchJson, order } from './server.js'

const HINTS = ['help', 'whoami', 'plan rm-demo2 region=cn-hangzhou', 'status rm-demo1 region=cn-hangzhou']

let chat
let chats = []
let announce = () => {}

/** Gives an order that sends something; what goes wrong is said. */
async function sent(what, body) {
  try {
    await order(what, body)
  } catch (error) {
    announce(error.message)
  }
}

/** Says something in a chat, or presses a button of a card there. */
export const say = (where, text) => sent('say', { chat: where, text })
export const press = (where, button, label) => sent('say', { chat: where, button, label })

export function prepareSending(said) {
  announce = said
  fetchJson('samples').then(showSamples, (error) => announce(error.message))
  byId('own-event').addEventListener('submit', (event) => {
    event.preventDefault()
    sent('send', { body: byId('own-body').value })
  })
  byId('command').addEventListener('submit', (event) => {
    event.preventDefault()
    choosePlace(chat)
    say(chat, byId('words').value.trim())
  })
  byId('hints').append(...HINTS.map((words) => el('button', { type: 'button', onclick: () => fill(words) }, words)))
}

function showSamples(samples) {
  const button = ({ name, title }) =>
    el('button', { type: 'button', title: name, 'data-sample': name, onclick: () => sent('send', { sample: name }) }, title)
  byId('samples').append(...samples.map((sample) => el('li', {}, button(sample))))
  byId('own-body').value = samples.find(({ name }) => name === 'direct-request.json')?.body ?? ''
}

function fill(words) {
  byId('words').value = words
  byId('words').focus()
}

export function showSending(state) {
  chats = state.chats
  byId('command').hidden = byId('command-title').hidden = chats.length === 0
  byId('no-chats').hidden = chats.length > 0
  showChats(chats.includes(chat) ? chat : chats[0])
}

function showChats(chosen) {
  chat = chosen
  showChoices(byId('chats'), chats.map((name) => [name, CHATS[name]]), chat, (name) => {
    showChats(name)
    choosePlace(name)
  })
}
