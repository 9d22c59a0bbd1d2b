// The examples as what they are: programs, started in processes of their own beside the demo's issuer.
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { lstatSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Demo, startDemo } from 'kimei'
import { formBrowser } from 'testkit/browser'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

let home: string
let demo: Demo
const programs: ChildProcessWithoutNullStreams[] = []
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'kimei-examples-'))
  demo = await startDemo({ folder: join(home, 'dev'), host: 'localhost', ports: { issuer: 0, api: 0, app: 0, mtls: 0 } })
})
afterAll(async () => {
  for (const program of programs) program.kill('SIGKILL')
  await demo.close()
  rmSync(home, { recursive: true, force: true })
})

interface Program {
  /** Everything printed until it ended. */
  readonly ended: Promise<string>
  until(pattern: RegExp): Promise<RegExpExecArray>
}

function run(file: string, args: readonly string[] = [], more: Readonly<Record<string, string>> = {}): Program {
  const child = spawn(process.execPath, [join(import.meta.dirname, file), ...args], {
    env: {
      ...process.env,
      ISSUER: demo.places.issuer,
      RESOURCE: demo.resource,
      DEMO_FILE: demo.folder.file('demo.json'),
      DEMO_FOLDER: demo.folder.path,
      HOLDER_FOLDER: join(home, 'holder'),
      ...more,
    },
  })
  programs.push(child)
  let text = ''
  const waiting = new Set<() => void>()
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (part: string) => {
      text += part
      for (const look of waiting) look()
    })
  }
  const ended = new Promise<string>((resolve) => child.on('close', () => resolve(text)))
  const until = (pattern: RegExp): Promise<RegExpExecArray> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const found = pattern.exec(text)
        if (found) resolve(found)
      }
      waiting.add(look)
      look()
      void ended.then(() => reject(new Error(`${file} ended without it:\n${text}`)))
    })
  return { ended, until }
}

/** A port that was free a moment ago: the address must be known before the program starts, proofs are made for it. */
function freePort(): Promise<string> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, 'localhost', () => {
      const address = server.address()
      server.close(() => resolve(String(typeof address === 'object' && address?.port)))
    })
  })
}

describe.each(['hono-api.ts', 'express-api.ts'])('%s', (file) => {
  let url: string
  let api: Program
  beforeAll(async () => {
    const port = await freePort()
    url = `http://localhost:${port}/notes`
    api = run(file, [], { PORT: port })
    await api.until(/guarded notes on/)
  })

  it('SEED-DPOP-08: takes the named ticket of a program, and knows whose it is', async () => {
    const said = await run('machine-holder.ts', [url]).ended
    expect(said).toMatch(/a ticket named [\w-]{43}, good for notes:read and notes:write/)
    expect(said).toContain('201 {"by":"demo-server","text":"written by a program"}')
    expect(said).toContain('200 {"notes":[{"by":"demo-server"')
    await api.until(/"event":"api_access".*"mode":"dpop"/)
  })

  it('refuses what has no name, and paths that have no policy', async () => {
    for (const headers of [new Headers(), new Headers({ authorization: 'Bearer x.y.z' })]) {
      expect((await fetch(url, { headers })).status).toBe(401)
    }
    expect((await fetch(new URL('/elsewhere', url))).status).toBe(401)
    expect(await (await fetch(new URL('/health', url))).text()).toBe('ok')
  })
})

describe('certified-holder.ts', () => {
  it('SEED-TB-28: gets a ticket of its certificate, and shows that it is worth nothing without it', async () => {
    const said = await run('certified-holder.ts', [`${demo.places.mtls}/notes`]).ended
    expect(said).toMatch(/a ticket of the certificate [\w-]{43}, good for notes:read and notes:write/)
    expect(said).toMatch(/201 \{"id":\d+,"text":"written by a program with a certificate"\}/)
    expect(said).toContain('the same ticket over a connection without the certificate: 401')
  })
})

describe('person-holder.ts', () => {
  it('NATIVE-8.3-01, OIDC-17.1-2: signs a person in once, and reads for them', async () => {
    const url = `${demo.places.api}/notes`
    const program = run('person-holder.ts', [url])
    const [, signIn = ''] = await program.until(/open this in your browser: (\S+)/)
    expect(new URL(signIn).searchParams.get('redirect_uri')).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/callback$/)
    await signInByForms(signIn)
    expect(await program.ended).toMatch(/hello, 記名 花子\n200 /)
    expect(lstatSync(join(home, 'holder')).mode & 0o777).toBe(0o700)
    const again = await run('person-holder.ts', [url]).ended
    expect(again).toMatch(/^hello, 記名 花子\n200 /)
  })
})

/** As a person without script would; the last page is the program's own. */
async function signInByForms(url: string): Promise<void> {
  const browser = formBrowser(demo.places.issuer)
  const signIn = await browser.open(url)
  const { username, password } = demo.secrets
  const consent = await browser.press(signIn, 'login-submit', { username, password })
  const callback = await browser.press(consent, 'consent-allow')
  expect((await fetch(callback.url)).status).toBe(200)
}
