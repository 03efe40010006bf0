// The markups of the chats, drawn as elements. A markup is a list of rules, each a pattern and what it draws.

import { el, link } from './dom.js'

const ENTITIES = { amp: '&', lt: '<', gt: '>', quot: '"', nbsp: '\u00a0' }

/** What entities stand for is text, and never markup. */
const decoded = (text) =>
  text.replace(/&(?:#(\d+)|(\w+));/g, (whole, code, name) => (code ? String.fromCodePoint(code) : (ENTITIES[name] ?? whole)))

const wrap = (tag, attributes = {}) => ([, inner], draw) => el(tag, attributes, draw(inner))
const code = [/`([^`\n]+)`/, ([, text]) => el('code', {}, decoded(text))]
const pre = [/```\n?([^]*?)\n?```/, ([, text]) => el('pre', {}, decoded(text))]
const labelled = [/\[([^\]\n]*)\]\(([^)\s]+)\)/, ([, label, address]) => link(decoded(label), address)]
const bold = [/\*\*([^\n]+?)\*\*/, wrap('b')]
const italic = [/(?<![\w*])\*([^*\s][^*\n]*?)\*(?![\w*])/, wrap('i')]
const struck = [/~~([^\n]+?)~~/, wrap('s')]
const coloured = [/<font color=["']?(#?\w+)["']?>([^]*?)<\/font>/, ([, colour, inner], draw) =>
  el('span', { class: `ink-${colour.replace('#', '')}` }, draw(inner))]

/** DingTalk's, WeCom's and Teams' markdown. */
export const MARKDOWN = [pre, code, labelled, bold, struck, italic, coloured]

/** Feishu's `lark_md`. */
export const LARK = [
  ...MARKDOWN,
  [/<at [^>]*>(?:([^<]*)<\/at>)?/, ([, name]) => el('span', { class: 'mention' }, `@${name || 'all'}`)],
]

const EMOJI = {
  white_check_mark: '✅', x: '❌', warning: '⚠️', information_source: 'ℹ️', lock: '🔒', hourglass_flowing_sand: '⏳',
  large_orange_circle: '🟠', large_green_circle: '🟢', red_circle: '🔴', question: '❓', no_entry: '⛔',
}

/** Slack's mrkdwn. */
export const SLACK = [
  pre,
  code,
  [/<(https?:[^|>]+)(?:\|([^>]*))?>/, ([, address, label]) => link(decoded(label ?? address), decoded(address))],
  [/<!date\^\d+\^[^|>]*\|([^>]*)>/, ([, fallback]) => decoded(fallback)],
  [/<([@#!][^|>]+)(?:\|([^>]*))?>/, ([, id, name]) => el('span', { class: 'mention' }, name ? `@${name}` : id)],
  [/(?<![\w*])\*([^*\s](?:[^*\n]*[^*\s])?)\*(?![\w*])/, wrap('b')],
  [/(?<![\w_])_([^_\s](?:[^_\n]*[^_\s])?)_(?![\w_])/, wrap('i')],
  [/(?<![\w~])~([^~\s](?:[^~\n]*[^~\s])?)~(?![\w~])/, wrap('s')],
  [/:([a-z_]+):/, ([whole, name]) => EMOJI[name] ?? whole],
]

/** Words and marks of some lines. */
export function inline(text, rules) {
  const nodes = []
  for (let rest = text; rest !== '';) {
    const found = rules.map(([pattern, draw]) => [pattern.exec(rest), draw]).filter(([match]) => match)
    const [match, draw] = found.reduce((first, other) => (first && first[0].index <= other[0].index ? first : other), null) ?? []
    nodes.push(...lines(decoded(match ? rest.slice(0, match.index) : rest)))
    if (!match) break
    nodes.push(draw(match, (inner) => inline(inner, rules)))
    rest = rest.slice(match.index + match[0].length)
  }
  return nodes
}

const lines = (text) => text.split('\n').flatMap((line, place) => (place === 0 ? [line] : [el('br'), line]))

const KINDS = [
  ['heading', /^(#{1,6})\s+(.*)$/],
  ['rule', /^(?:-{3,}|\*{3,})$/],
  ['quote', /^>\s?(.*)$/],
  ['item', /^\s*[-*]\s+(.*)$/],
  ['step', /^\s*\d+\.\s+(.*)$/],
  ['gap', /^\s*$/],
]

/** Headings, lists, quotes and paragraphs. */
export function blocks(text, rules) {
  const drawn = []
  let open = null
  for (const line of text.split('\n')) {
    const [kind, match] = KINDS.map(([name, pattern]) => [name, pattern.exec(line)]).find(([, it]) => it) ?? ['words']
    if (open?.kind === kind) open.lines.push(match ? match.at(-1) : line)
    else drawn.push((open = { kind, level: match?.[1]?.length, lines: [match ? match.at(-1) : line] }))
    if (kind === 'heading') open = null
  }
  return drawn.map((block) => drawBlock(block, rules)).filter(Boolean)
}

function drawBlock({ kind, level, lines: texts }, rules) {
  const whole = () => inline(texts.join('\n'), rules)
  const items = () => texts.map((text) => el('li', {}, inline(text, rules)))
  switch (kind) {
    case 'heading': return el('p', { class: `heading level-${level}` }, whole())
    case 'rule': return el('hr')
    case 'quote': return el('blockquote', {}, whole())
    case 'item': return el('ul', {}, items())
    case 'step': return el('ol', {}, items())
    case 'gap': return null
    default: return el('p', {}, whole())
  }
}
