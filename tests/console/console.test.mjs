// The console as people use it.

import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { after, before, test } from 'node:test'

import { CHATS, answerTo, cards, launched, launchedForPictures, opened, pictureOf } from './browser.mjs'
import { small } from './png.mjs'

const { SCREENS, CARDS } = process.env
const COMMAND = 'seal rm-demo1 region=cn-hangzhou'
/** A picture of a card may have so many bytes. */
const LARGEST_CARD = 7 * 1024

let browser, page, complaints

before(async () => {
  browser = await launched()
  ;({ page, complaints } = await opened(browser))
})

after(() => browser.close())

const words = () => page.locator('#words')
const inChat = (chat) => page.locator(`#chats [data-value="${chat}"]`).click()
const newest = (chat) => cards(page, chat).last()

/** Does something and waits for one more card in a chat. */
async function cardFor(chat, act) {
  const count = await cards(page, chat).count()
  await act()
  await cards(page, chat).nth(count).waitFor()
  return newest(chat)
}

test('every sample is sent by a click, and what the function answers is shown', async () => {
  const samples = await page.locator('[data-sample]').all()
  assert.ok(samples.length > 10)
  for (const sample of samples) {
    const answer = await answerTo(page, () => sample.click())
    const name = await sample.getAttribute('data-sample')
    assert.equal(await answer.locator('b').textContent(), name)
    assert.match(await answer.locator('.codes .chip').first().textContent(), /^(200|400|404)$/, name)
  }
  assert.ok((await page.locator('#audit > li').count()) > 10)
  assert.ok((await page.locator('#instances > li').count()) > 5)
  assert.match(await page.locator('#announcement').textContent(), /timer\.json: 200/)
})

test('an event of one\'s own is sent, and one that cannot be read is refused', async () => {
  await page.getByText('Your own event').click()
  await page.locator('#own-body').fill('{"instance": "rm-demo9", "region": "cn-hangzhou"}')
  const send = () => page.getByRole('button', { name: 'Send this event' }).click()
  assert.match(await (await answerTo(page, send)).textContent(), /rm-demo9/)
  await page.locator('#own-body').fill('{"what": "is this"}')
  assert.match(await (await answerTo(page, send)).textContent(), /rejected/)
  await page.getByText('Your own event').click()
})

test('a command in each chat gets the card that this chat draws', async () => {
  const plain = await launchedForPictures()
  const wide = await opened(plain, { viewport: { width: 1280, height: 1400 }, deviceScaleFactor: 1 })
  for (const chat of CHATS) {
    await inChat(chat)
    await words().fill(COMMAND)
    const card = await cardFor(chat, () => words().press('Enter'))
    assert.match(await card.textContent(), /rm-demo1/)
    await wide.page.locator(`#places [data-value="${chat}"]`).click()
    const picture = small(await pictureOf(cards(wide.page, chat).last()), LARGEST_CARD)
    assert.ok(picture.length <= LARGEST_CARD, `the card of ${chat} has ${picture.length} bytes`)
    await writeFile(`${CARDS ?? SCREENS}/${chat}.png`, picture)
  }
  assert.deepEqual(wide.complaints, [])
  await plain.close()
})

test('each chat answers in the language that is chosen', async () => {
  const wide = await opened(browser, { viewport: { width: 1280, height: 1400 }, deviceScaleFactor: 1 })
  for (const [language, warning] of [['zh', '此操作不可撤销'], ['ja', 'この操作は取り消せません'], ['en', 'This cannot be undone']]) {
    await page.locator(`#languages [data-value="${language}"]`).click()
    for (const chat of CHATS) {
      await inChat(chat)
      await words().fill(COMMAND)
      const card = await cardFor(chat, () => words().press('Enter'))
      assert.ok((await card.textContent()).includes(warning), `${chat} in ${language}`)
      await wide.page.locator(`#places [data-value="${chat}"]`).click()
      await cards(wide.page, chat).last().filter({ hasText: warning }).screenshot({ path: `${SCREENS}/${chat}-${language}.png` })
    }
  }
  await wide.page.close()
})

test('the plan is confirmed by the card\'s own button, or by the command it names', async () => {
  for (const chat of CHATS) {
    await page.locator(`#places [data-value="${chat}"]`).click()
    const asking = page.locator(`.thread.chat-${chat} .message`).filter({ has: page.locator('[data-press], [data-say]') })
    const confirm = async () => {
      await asking.last().locator('[data-press], [data-say]').click()
      const question = page.getByRole('dialog')
      if (!(await question.isVisible())) return
      await page.screenshot({ path: `${SCREENS}/question-${chat}.png` })
      await question.locator('.danger').click()
    }
    const result = await cardFor(chat, () => answerTo(page, confirm))
    assert.match(await result.textContent(), /rm-demo1/)
    assert.equal(await result.locator('[data-press]').count(), 0, `${chat} asks again`)
    const reported = page.locator('#audit > li').filter({ hasText: /^report\w+rm-demo1JSON/ })
    assert.match(await reported.first().textContent(), /enabled/, chat)
  }
  assert.match(await page.locator('#instances > li').filter({ hasText: /^rm-demo1Running/ }).textContent(), /encryption on/)
})

test('what fails waits in the queue until the clock is moved on', async () => {
  await page.locator('#faults summary').click()
  await page.getByLabel('Strikes').fill('3')
  const fault = page.getByRole('switch', { name: 'IncorrectDBInstanceState' })
  await fault.click()
  await page.locator('[role=switch][aria-checked=true]').waitFor()
  assert.match(await fault.textContent(), /3 left/)
  await page.screenshot({ path: `${SCREENS}/faults.png` })
  await page.getByText('Your own event').click()
  await page.locator('#own-body').fill('{"instance": "rm-demo8", "region": "cn-hangzhou"}')
  const waiting = await answerTo(page, () => page.getByRole('button', { name: 'Send this event' }).click())
  assert.match(await waiting.textContent(), /waiting/)
  assert.equal(await page.locator('#waiting > li').count(), 1)
  await fault.click()
  await page.locator('[role=switch][aria-checked=true]').waitFor({ state: 'detached' })
  await page.getByRole('button', { name: '+1 min' }).click()
  await page.locator('#delivered > li').waitFor()
  assert.equal(await page.locator('#waiting > li').count(), 0)
  assert.match(await page.locator('#delivered').textContent(), /x-fc-status 200/)
  await page.locator('#faults summary').click()
})

test('a fault of a sink strikes that sink alone', async () => {
  await page.locator('#faults summary').click()
  await page.getByLabel('Sink', { exact: true }).selectOption('slack')
  await page.getByRole('switch', { name: 'Down: 503' }).click()
  await page.locator('[role=switch][aria-checked=true]').waitFor()
  await answerTo(page, () => page.locator('[data-sample="direct-request.json"]').click())
  await page.locator('#faults-on', { hasText: 'none waits' }).waitFor()
  await page.locator('#faults summary').click()
})

test('another page shows the same, as it happens', async () => {
  const other = await opened(browser)
  const count = await other.page.locator('#answers > li').count()
  await answerTo(page, () => page.locator('[data-sample="timer.json"]').click())
  await other.page.locator('#answers > li').nth(count).waitFor()
  assert.deepEqual(other.complaints, [])
  await other.page.close()
})

test('the keyboard reaches everything, and Enter sends', async () => {
  await page.locator('h1').click()
  const reached = new Set()
  for (;;) {
    await page.keyboard.press('Tab')
    const it = await page.evaluate(() => {
      const all = [...document.querySelectorAll('*')]
      return document.activeElement === document.body ? -1 : all.indexOf(document.activeElement)
    })
    if (it === -1 || reached.has(it)) break
    reached.add(it)
  }
  const missed = await page.evaluate((seen) => {
    const all = [...document.querySelectorAll('*')]
    const usable = document.querySelectorAll('button, input, textarea, select, summary, a[href], .scroll')
    const visible = [...usable].filter((element) => element.checkVisibility() && !element.disabled)
    return visible.filter((element) => !seen.includes(all.indexOf(element))).map((element) => element.outerHTML.slice(0, 120))
  }, [...reached])
  assert.deepEqual(missed, [])
  await page.locator('[data-sample="timer.json"]').focus()
  await answerTo(page, () => page.keyboard.press('Enter'))
  assert.equal(await page.evaluate(() => document.activeElement.dataset.sample), 'timer.json')
})

for (const width of [1280, 390]) {
  for (const colorScheme of ['light', 'dark']) {
    test(`nothing is cut off at ${width} px, ${colorScheme}`, async () => {
      const shown = await opened(browser, { viewport: { width, height: width > 1000 ? 900 : 844 }, colorScheme })
      for (const chat of CHATS) {
        await shown.page.locator(`#places [data-value="${chat}"]`).click()
        const [whole, seen] = await shown.page.evaluate(() => [document.scrollingElement.scrollWidth, innerWidth])
        assert.ok(whole <= seen, `${chat}: ${whole} of ${seen}`)
        await shown.page.screenshot({ path: `${SCREENS}/${width}-${colorScheme}-${chat}.png`, fullPage: true })
      }
      assert.deepEqual(shown.complaints, [])
      await shown.page.close()
    })
  }
}

test('the browser has nothing to complain about', () => assert.deepEqual(complaints, []))
