// Finds a real Chromium for tests: one that is named, one on the machine, or the one that npm carries with its libraries.
// Where none starts, the error names the one command that helps.
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { type Browser, chromium } from 'playwright-core'
import { carriedChromium } from './chromium-carried.ts'

const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]
const remedy = 'install one with: apt-get install -y chromium'

export interface FoundChromium {
  readonly executablePath: string
  /** Added to the environment it starts with. */
  readonly env: Readonly<Record<string, string>>
}

/** `KIMEI_CHROMIUM`, then Debian's path, then the PATH. `carried` there takes the one of npm, whatever the machine has. */
function onMachine(): string | undefined {
  const named = process.env['KIMEI_CHROMIUM']
  if (named === 'carried') return undefined
  if (named) return named
  const folders = ['/usr/bin', ...(process.env['PATH'] ?? '').split(delimiter)]
  for (const name of ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']) {
    for (const folder of folders) if (existsSync(join(folder, name))) return join(folder, name)
  }
  return undefined
}

export async function findChromium(): Promise<FoundChromium> {
  const path = onMachine()
  return path === undefined ? carriedChromium() : { executablePath: path, env: {} }
}

/** A headless browser of its own. Close it. */
export async function launchChromium(): Promise<Browser> {
  const found = await findChromium().catch((cause: unknown) => {
    throw new Error(`no Chromium found and none could be unpacked; ${remedy}`, { cause })
  })
  try {
    return await chromium.launch({
      executablePath: found.executablePath,
      args: flags,
      env: { ...process.env, ...found.env } as Record<string, string>,
    })
  } catch (cause) {
    throw new Error(`${found.executablePath} does not start; ${remedy}`, { cause })
  }
}
