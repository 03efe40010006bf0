// The page: one state, shown in four parts.

import { showAnswers, summaryOf } from './answers.js'
import { showCloud } from './cloud.js'
import { byId, showChoices } from './dom.js'
import { showFaults } from './faults.js'
import { LANGUAGES } from './names.js'
import { showPeople } from './people.js'
import { prepareSending, showSending } from './send.js'
import { follow, order } from './server.js'

/** Says something to those who do not see the page change. */
function announce(sentence) {
  byId('announcement').textContent = sentence
}

let answered = 0

/** Tells of answers that came since the last time. */
function announceAnswers({ first, items }) {
  const done = items.filter((exchange) => exchange.answer !== null).length + first
  if (done > answered) announce(summaryOf(items.findLast((exchange) => exchange.answer !== null)))
  answered = done
}

function showLanguages({ languages, language }) {
  byId('languages').hidden = languages.length === 0
  const options = languages.map((code) => [code, LANGUAGES[code] ?? code])
  showChoices(byId('languages'), options, language, (code) => order('language', { language: code }))
}

prepareSending(announce)
follow(
  (state) => {
    showSending(state)
    showAnswers(state)
    showCloud(state)
    showFaults(state)
    showPeople(state)
    showLanguages(state)
    announceAnswers(state.exchanges)
  },
  (isLive, why) => {
    byId('connection').textContent = isLive ? 'Live' : (why ?? 'Not connected: trying again')
    byId('connection').className = isLive ? 'live' : ''
  },
)
