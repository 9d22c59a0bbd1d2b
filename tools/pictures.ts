// `npm run pictures`: the pictures of the documents, taken of the real product: a report of `kimei observe`, and the page of `kimei lab`.
// What they should show is written here; nothing is drawn by hand.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'
import type { Browser } from 'playwright-core'
import { launchChromium } from '../packages/testkit/src/chromium.ts'

const root = join(import.meta.dirname, '..')
const cli = join(root, 'packages/kimei/src/cli.ts')
const into = join(root, 'docs/pictures')
const scenario = 'admin-exception'
const languages = ['en', 'ja'] as const

interface Shot {
  readonly url: string
  readonly name: string
  readonly language: (typeof languages)[number]
  /** Pressed first: the name of a button. */
  readonly press?: string
  readonly width: number
  /** Down to the end of this element, or so many pixels. */
  readonly downTo: string | number
}

async function take(browser: Browser, { url, name, language, press, width, downTo }: Shot): Promise<void> {
  const page = await browser.newPage({ viewport: { width, height: 1000 }, locale: language, colorScheme: 'light' })
  await page.goto(url)
  if (press !== undefined) {
    await page.getByRole('button', { name: press }).click()
    await page.waitForLoadState('networkidle')
  }
  const end = typeof downTo === 'number' ? undefined : await page.locator(downTo).first().boundingBox()
  const height = typeof downTo === 'number' ? downTo : Math.ceil((end?.y ?? 0) + (end?.height ?? 0)) + 12
  await page.evaluate('scrollTo(0, 0)')
  await page.screenshot({ path: join(into, `${name}.${language}.png`), fullPage: true, clip: { x: 0, y: 0, width, height } })
  await page.close()
}

/** Where its page is. */
async function startLab(inventory: string): Promise<{ readonly page: string; readonly lab: ChildProcess }> {
  const lab = spawn(process.execPath, [cli, 'lab', 'up', scenario, '--port', '0', '--inventory', inventory, '--json'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  for await (const line of createInterface({ input: lab.stdout! })) {
    const said = JSON.parse(line) as { event: string; page: string }
    if (said.event === 'ready') return { page: said.page, lab }
  }
  throw new Error('the lab did not start')
}

/** Of a lab of its own, in which nobody has played yet. */
async function takeAll(browser: Browser, language: Shot['language'], folder: string): Promise<void> {
  const inventory = join(folder, `${language}.json`)
  const report = join(folder, `${language}.html`)
  const { page, lab } = await startLab(inventory)
  try {
    try {
      execFileSync(process.execPath, [cli, 'observe', inventory, '--lang', language, '--report', report], { stdio: 'ignore' })
    } catch (error) {
      // It finds the hole.
      if ((error as { status?: number }).status !== 1) throw error
    }
    await take(browser, { url: pathToFileURL(report).href, name: 'report', language, width: 1100, downTo: 'table' })
    const press = { en: 'Play the whole theft', ja: '盗みを最初から見る' }[language]
    await take(browser, { url: `${page}?lang=${language}`, name: 'lab', language, press, width: 1600, downTo: 1000 })
  } finally {
    const ended = once(lab, 'exit')
    lab.kill('SIGINT')
    await ended
  }
}

mkdirSync(into, { recursive: true })
const folder = mkdtempSync(join(tmpdir(), 'kimei-pictures-'))
const browser = await launchChromium()
try {
  for (const language of languages) await takeAll(browser, language, folder)
} finally {
  await browser.close()
  rmSync(folder, { recursive: true, force: true })
}
console.log(`docs/pictures: report and lab, in ${languages.length} languages`)
