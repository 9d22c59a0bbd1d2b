// Runs the real command line as a child process, and keeps one that goes on running.
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { formBrowser } from 'testkit/browser'
import { onTestFinished, vi } from 'vitest'

// Processes start slowly where many start at once.
vi.setConfig({ testTimeout: 240_000 })

const cli = fileURLToPath(new URL('../src/cli.ts', import.meta.url))

export interface Ran {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** What it printed, as JSON; where it is none, everything that there is to know. */
export function printed<T = Record<string, unknown>>({ code, out, err }: Ran): T {
  try {
    return JSON.parse(out) as T
  } catch {
    throw new Error(`no JSON on standard output\nexit code  ${code}\nstdout     ${JSON.stringify(out)}\nstderr     ${err}`)
  }
}

export interface How {
  /** Working folder. */
  readonly cwd: string
  readonly input?: string
  readonly env?: Readonly<Record<string, string>>
}

function start(args: readonly string[], { cwd, env }: How): ChildProcessWithoutNullStreams {
  const { FORCE_COLOR: _, NODE_OPTIONS: __, ...inherited } = process.env
  // A home of its own: no test reads or writes the wallet of whoever runs it.
  return spawn(process.execPath, [cli, ...args], { cwd, env: { ...inherited, HOME: cwd, NO_COLOR: '1', LANG: 'C', ...env } })
}

/** To its end. */
export function kimei(args: readonly string[], how: How): Promise<Ran> {
  const child = start(args, how)
  child.stdin.end(how.input ?? '')
  return collect(child)
}

/** Read by somebody who has left already, as `head` does. */
export function kimeiUnread(args: readonly string[], how: How): Promise<Ran> {
  const child = start(args, how)
  child.stdin.end()
  child.stdout.destroy()
  return collect(child)
}

function collect(child: ChildProcessWithoutNullStreams): Promise<Ran> {
  let [out, err] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    out += part
  })
  child.stderr.setEncoding('utf8').on('data', (part: string) => {
    err += part
  })
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => resolve({ code: code ?? -1, out, err }))
  })
}

export interface Running {
  /** Everything printed so far, on either stream. */
  readonly text: () => string
  /** Waits until the text matches; fails when the process ends first. */
  until(pattern: RegExp): Promise<RegExpExecArray>
  /** Ctrl+C; answers how it ended. */
  stop(signal?: NodeJS.Signals): Promise<Ran>
  /** One that does not end it. */
  signal(name: NodeJS.Signals): void
  /** Its end, by itself. */
  readonly ended: Promise<Ran>
}

/** Stopped at the end of the test at the latest. */
export function kimeiRunning(args: readonly string[], how: How): Running {
  const child = start(args, how)
  let text = ''
  const listeners = new Set<() => void>()
  const hear = (part: string): void => {
    text += part
    for (const listener of listeners) listener()
  }
  child.stdout.setEncoding('utf8').on('data', hear)
  child.stderr.setEncoding('utf8').on('data', hear)
  const ended = collect(child)
  const stop = (signal: NodeJS.Signals = 'SIGINT'): Promise<Ran> => {
    child.kill(signal)
    return ended
  }
  onTestFinished(async () => void (await stop('SIGKILL')))
  return {
    text: () => text,
    ended,
    stop,
    signal: (name) => void child.kill(name),
    until: (pattern) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = pattern.exec(text)
          if (!found) return
          listeners.delete(look)
          resolve(found)
        }
        listeners.add(look)
        look()
        void ended.then(({ code }) => reject(new Error(`ended with ${code} before ${pattern}:\n${text}`)))
      }),
  }
}

/** A folder for one test, gone afterwards. */
export function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'kimei-cli-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

export interface DevReady {
  readonly issuer: string
  readonly api: string
  readonly app: string
  readonly mtls: string
  readonly resource: string
  readonly certifiedResource: string
  readonly user: { readonly username: string; readonly password: string }
  readonly folder: string
  readonly ready_ms: number
}

/** `kimei dev` on free ports in `cwd`. */
export async function startDev(
  cwd: string,
  more: readonly string[] = [],
): Promise<{ readonly running: Running; readonly ready: DevReady }> {
  const running = kimeiRunning(['dev', '--port', '0', '--json', ...more], { cwd })
  const [line] = await running.until(/^\{"event":"ready".*\}$/m)
  // Its files for the other commands are written right after.
  await running.until(/"ready_ms":\d+\}\n/)
  return { running, ready: JSON.parse(line) as DevReady }
}

/** `kimei token` with a person who signs in and allows. */
export async function signInWithToken(cwd: string, { user, issuer }: DevReady, more: readonly string[] = []): Promise<Ran> {
  const running = kimeiRunning(['token', '--no-browser', ...more], { cwd })
  const [address] = await running.until(/http:\/\/\S+\/authorize\?\S+/)
  const browser = formBrowser(issuer)
  let page = await browser.open(address)
  page = await browser.press(page, 'login-submit', { username: user.username, password: user.password })
  if (page.url.origin === issuer) page = await browser.press(page, 'consent-allow')
  await (await fetch(page.url)).body?.cancel()
  return running.ended
}
