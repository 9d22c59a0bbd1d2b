// The demo app that `kimei dev` serves, in a real Chromium: sign in with the printed password, see the ticket, try to steal it.
import { launchChromium } from 'testkit'
import { expect, it, onTestFinished } from 'vitest'
import { emptyFolder, startDev } from './run-kimei.ts'

it('SEED-DPOP-01: the password it prints signs in, the ticket reads and writes, and five thefts are refused', async () => {
  const { ready, running } = await startDev(emptyFolder())
  const browser = await launchChromium()
  onTestFinished(() => browser.close())
  const page = await (await browser.newContext({ locale: 'en-US' })).newPage()
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(error.message))

  await page.goto(ready.app)
  await page.click('#sign-in')
  await page.fill('[name=username]', ready.user.username)
  await page.fill('[name=password]', ready.user.password)
  await page.click('#login-submit')
  await page.click('#consent-allow')
  await page.waitForURL(`${ready.app}/`)
  expect(await page.textContent('#jkt')).toMatch(/^[\w-]{43}$/)

  await page.click('#write')
  await page.waitForSelector('#answer:has-text("201")')
  await page.click('#read')
  await page.waitForSelector('#answer:has-text("notes")')
  await page.click('#steal')
  await page.waitForSelector('#steal-verdict')
  expect(await page.textContent('#steal-verdict')).toBe('All 5 ways were refused.')
  expect(complaints).toEqual([])
  expect(running.text()).toContain('"event":"consent"')
})
