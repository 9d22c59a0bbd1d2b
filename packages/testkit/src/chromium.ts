// Finds a real Chromium for tests: one that is named, one on the machine, or the one that npm carries with its libraries.
// Where none starts, the error names the one command that helps.
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { type Browser, chromium } from 'playwright-core'

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

interface Found {
  readonly executablePath: string
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

/** `KIMEI_CHROMIUM`, then Debian's path, then the PATH. */
function onMachine(): string | undefined {
  const named = process.env['KIMEI_CHROMIUM']
  if (named) return named
  const folders = ['/usr/bin', ...(process.env['PATH'] ?? '').split(delimiter)]
  for (const name of ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']) {
    for (const folder of folders) if (existsSync(join(folder, name))) return join(folder, name)
  }
  return undefined
}

/** The package unpacks its libraries only where it believes to run in a cloud function: it is told so for the moment of unpacking. */
async function fromNpm(): Promise<Found> {
  const before = process.env['AWS_EXECUTION_ENV']
  process.env['AWS_EXECUTION_ENV'] = 'AWS_Lambda_nodejs22.x'
  try {
    const carried = (await import('@sparticuz/chromium')).default
    const executablePath = await carried.executablePath()
    return { executablePath, args: carried.args, env: { LD_LIBRARY_PATH: process.env['LD_LIBRARY_PATH'] ?? '' } }
  } finally {
    if (before === undefined) delete process.env['AWS_EXECUTION_ENV']
    else process.env['AWS_EXECUTION_ENV'] = before
  }
}

export async function findChromium(): Promise<Found> {
  const path = onMachine()
  return path === undefined ? fromNpm() : { executablePath: path, args: [], env: {} }
}

/** A headless browser of its own. Close it. */
export async function launchChromium(): Promise<Browser> {
  const found = await findChromium().catch((cause: unknown) => {
    throw new Error(`no Chromium found and none could be unpacked; ${remedy}`, { cause })
  })
  try {
    return await chromium.launch({
      executablePath: found.executablePath,
      args: [...found.args, ...flags],
      env: { ...process.env, ...found.env } as Record<string, string>,
    })
  } catch (cause) {
    throw new Error(`${found.executablePath} does not start; ${remedy}`, { cause })
  }
}
