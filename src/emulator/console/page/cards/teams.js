// Teams: adaptive cards, of which outgoing webhooks and workflows show links as the only actions.

import { el } from '../dom.js'
import { MARKDOWN, blocks, inline } from '../markup.js'
import { cardButton } from './card.js'

export function drawTeams({ text, attachments, type, body, actions }) {
  const cards = (attachments ?? []).map(({ content }) => content).filter(Boolean)
  const parts = [
    text && el('div', { class: 'bubble' }, blocks(text, MARKDOWN)),
    (type === 'AdaptiveCard' ? [{ body, actions }, ...cards] : cards).map(drawCard),
  ].flat().filter(Boolean)
  return parts.length === 0 ? null : el('div', {}, parts)
}

function drawCard({ body, actions }) {
  return el('div', { class: 'adaptive-card' }, (body ?? []).map(drawElement), drawActions(actions))
}

function drawElement(element) {
  const { type, separator, spacing = '' } = element
  const drawn = drawInside(type, element)
  if (separator) drawn.classList.add('separated')
  if (spacing) drawn.classList.add(`spacing-${spacing.toLowerCase()}`)
  return drawn
}

function drawInside(type, element) {
  switch (type) {
    case 'TextBlock': return el('div', { class: textClass(element) }, blocks(element.text, MARKDOWN))
    case 'RichTextBlock': return el('p', {}, element.inlines.map((run) =>
      typeof run === 'string' ? run : el('span', { class: textClass(run) }, run.text)))
    case 'FactSet': return el('dl', {}, element.facts.map(({ title, value }) => [
      el('dt', {}, inline(title, MARKDOWN)), el('dd', {}, inline(value, MARKDOWN))]))
    case 'Container': return el('div', { class: `container ${element.style ?? ''} ${element.bleed ? 'bleed' : ''}` },
      element.items.map(drawElement))
    case 'ColumnSet': return el('div', { class: 'columns' }, element.columns.map(({ items = [], width }) =>
      el('div', { class: width === 'auto' ? 'auto' : '' }, items.map(drawElement))))
    case 'ActionSet': return drawActions(element.actions)
    default: return el('p', { class: 'unknown' }, `An element of the type ${type}`)
  }
}

const textClass = ({ size, weight, color, isSubtle, fontType }) => [
  size && `size-${size.toLowerCase()}`,
  weight && `weight-${weight.toLowerCase()}`,
  color && `color-${color.toLowerCase()}`,
  isSubtle && 'subtle',
  fontType?.toLowerCase() === 'monospace' && 'monospace',
].filter(Boolean).join(' ')

function drawActions(actions) {
  if (!actions?.length) return el('div', { class: 'no-actions' })
  return el('div', { class: 'actions' }, actions.map(({ title: label, url, style: look }) => cardButton({ label, look, url })))
}
