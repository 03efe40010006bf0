// Switches for what can go wrong.

import { byId, el, showList } from './dom.js'
import { order } from './server.js'

const WRITE = 'EnableBackupEncryption'

const OF_THE_CLOUD = [
  ['Throttled', { fault: 'throttle', retry_after_ms: 200 }],
  ['Answer lost, change made', { fault: 'drop' }],
  ['Connection lost before the change', { fault: 'drop', before: true }],
  ['Answer 3 s late', { fault: 'slow', ms: 3000 }],
  ['Web page instead of an answer', { fault: 'garbage' }],
  ['IncorrectDBInstanceState', { fault: 'code', code: 'IncorrectDBInstanceState' }],
  ['Forbidden.RAM', { fault: 'code', code: 'Forbidden.RAM' }],
]
const OF_A_SINK = [
  ['Down: 503', { fault: 'status', status: 503 }],
  ['Too many: 429', { fault: 'status', status: 429, retry_after: '1' }],
]

const times = el('input', { id: 'fault-times', type: 'number', min: 1, max: 1000, value: 2 })
const sink = el('select', { id: 'fault-sink', onchange: () => show() })
const cloudSwitches = el('ul', { class: 'switches', 'aria-label': `Faults of ${WRITE}` })
const sinkSwitches = el('ul', { class: 'switches', 'aria-label': 'Faults of the sink' })
const others = el('ul', { class: 'others' })

byId('faults').append(
  el('p', { class: 'line' }, el('label', { for: 'fault-times' }, 'Strikes'), times, 'times'),
  el('h4', {}, 'When backup encryption is turned on'), cloudSwitches,
  el('h4', {}, 'When a sink is told'),
  el('p', { class: 'line' }, el('label', { for: 'fault-sink' }, 'Sink'), sink), sinkSwitches,
  others,
)

let waiting = []

export function showFaults({ faults, sinks }) {
  waiting = faults
  showList(sink, sinks.map((name) => [name, name]), (name) => el('option', { value: name }, name))
  show()
}

/** Whether a fault that waits is what a switch stands for. */
function isFor(script) {
  const whole = { operation: WRITE, before: false, ...script }
  return (fault) => Object.entries(whole).every(([name, value]) => fault[name] === value)
}

function show() {
  const ofSink = OF_A_SINK.map(([label, script]) => [label, { ...script, operation: sink.value }])
  const entries = (switches) => switches.map(([label, script]) => [JSON.stringify(script), [label, script, left(script)]])
  showList(cloudSwitches, entries(OF_THE_CLOUD), drawSwitch)
  showList(sinkSwitches, sink.value ? entries(ofSink) : [], drawSwitch)
  const count = waiting.reduce((sum, fault) => sum + fault.times, 0)
  byId('faults-on').textContent = count === 0 ? 'none waits' : `${count} to come`
  const known = [...OF_THE_CLOUD, ...ofSink].map(([, script]) => isFor(script))
  const unknown = waiting.filter((fault) => !known.some((matches) => matches(fault)))
  showList(others, unknown.map((fault, place) => [place, fault]), (fault) =>
    el('li', { class: 'quiet' }, `Also waiting: ${fault.fault} of ${fault.operation}, ${fault.times} times`))
}

const left = (script) => waiting.filter(isFor(script)).reduce((sum, fault) => sum + fault.times, 0)

/** The element stays while it is toggled, so that the focus does. */
const drawn = new Map()

function drawSwitch([label, script, times]) {
  const key = JSON.stringify(script)
  if (!drawn.has(key)) {
    const control = el('button', { type: 'button', role: 'switch', onclick: () => toggle(script, control) },
      el('span', { class: 'knob', 'aria-hidden': 'true' }), el('span', {}, label), el('span', { class: 'left' }))
    drawn.set(key, el('li', {}, control))
  }
  const item = drawn.get(key)
  item.firstChild.setAttribute('aria-checked', String(times > 0))
  item.querySelector('.left').textContent = times > 0 ? `${times} left` : ''
  return item
}

function toggle(script, control) {
  const isOn = control.getAttribute('aria-checked') === 'true'
  const count = Math.max(1, Math.trunc(Number(times.value)) || 1)
  return order('faults', isOn ? { off: [script] } : { on: [{ ...script, times: count }] })
}
