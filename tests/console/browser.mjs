// A browser with the console open, and all that goes wrong in it.

import { fileURLToPath } from 'node:url'

import { chromium } from 'playwright-core'

const CONSOLE = process.env.CONSOLE
/** A browser that asks nobody for anything, and draws letters in shades of grey. */
const QUIET = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--disable-lcd-text',
]

export const launched = (env = {}) =>
  chromium.launch({ executablePath: '/usr/bin/chromium', args: QUIET, env: { ...process.env, ...env } })

/** A browser whose letters have no grey edges, for pictures that shall be small. */
export const launchedForPictures = () =>
  launched({ FONTCONFIG_FILE: fileURLToPath(new URL('plain-letters.conf', import.meta.url)) })

/** A page of the console that is live. `complaints` are its warnings, errors, failed and foreign requests. */
export async function opened(browser, options = {}) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, ...options })
  const complaints = []
  page.on('console', (message) => {
    if (['warning', 'error'].includes(message.type())) complaints.push(`${message.type()}: ${message.text()}`)
  })
  page.on('pageerror', (error) => complaints.push(`uncaught: ${error.stack}`))
  page.on('request', (request) => {
    const url = request.url()
    if (!url.startsWith(CONSOLE) && !url.startsWith('data:')) complaints.push(`foreign request: ${url}`)
  })
  page.on('response', (response) => {
    if (!response.ok()) complaints.push(`${response.status()} for ${response.url()}`)
  })
  await page.goto(CONSOLE)
  await page.locator('#connection.live').waitFor()
  return { page, complaints }
}

/** The newest answer, once there are more than there were before something was done. */
export async function answerTo(page, act) {
  const before = await page.locator('#answers > li').count()
  await act()
  const newest = page.locator('#answers > li').first()
  await page.waitForFunction((count) => document.querySelectorAll('#answers > li').length > count, before)
  await page.locator('#answers > li.pending').waitFor({ state: 'detached' })
  return newest
}

export const CHATS = ['slack', 'dingtalk', 'feishu', 'wecom', 'teams']

/** The cards that a chat shows. */
export const cards = (page, chat) => page.locator(`.thread.chat-${chat} .card`)

/** A card as it is in every run: the token, which is long, is left out, and so is the line with the ids. */
export async function pictureOf(card) {
  await card.evaluate((root) => {
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT)
    const texts = []
    while (walker.nextNode()) texts.push(walker.currentNode)
    for (const text of texts) {
      if (/\b[0-9a-f]{32}\b/.test(text.data)) text.parentElement.style.display = 'none'
      else text.data = text.data.replace(/confirm [\w-]{60,}/, 'confirm …')
    }
  })
  return card.screenshot()
}
