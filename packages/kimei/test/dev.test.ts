// `kimei dev` as its user meets it: what it prints, whom it lets in, what stays after a restart.
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { request } from 'node:http'
import { createServer, type Server } from 'node:net'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { type DevReady, emptyFolder, kimei, kimeiRunning, printed, signInWithToken, startDev } from './run-kimei.ts'

/** A GET with a Host of one's own choice, which fetch would not send. */
function getAs(url: string, host: string): Promise<number> {
  const { hostname, port, pathname } = new URL(url)
  return new Promise((resolve, reject) => {
    const asked = request({ hostname, port, path: pathname, headers: { host } }, (response) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
    asked.on('error', reject)
    asked.end()
  })
}

describe('what it prints', () => {
  it('names the four places, the sign-in and six steps to copy', async () => {
    const cwd = emptyFolder()
    const running = kimeiRunning(['dev', '--port', '0', '--dir', 'place'], { cwd })
    await running.until(/Ready in \d+ ms/)
    const text = running.text()
    expect(text).toMatch(/issuer +http:\/\/localhost:\d+ /)
    expect(text).toMatch(/API +http:\/\/localhost:\d+ /)
    expect(text).toMatch(/demo app +http:\/\/localhost:\d+ /)
    expect(text).toMatch(/certificates +https:\/\/localhost:\d+ /)
    expect(text.split('\n').filter((line) => line.length > 100)).toEqual([])
    expect(text).toMatch(/sign in as +demo {2}\w{4}-\w{4}-\w{4}\n/)
    const steps = [...text.matchAll(/^ {2}[1-6] {2}.*?(?:npx )?kimei (token|call|observe) --dir place/gm)].map((match) => match[1])
    expect(steps).toEqual(['token', 'call', 'call', 'observe', 'token', 'call'])
    expect((await running.stop()).code).toBe(0)
  })

  it('with --json prints one object a line: ready, then events', async () => {
    const { running, ready } = await startDev(emptyFolder())
    expect(ready.resource).toBe(`${ready.api}/`)
    await (await fetch(`${ready.api}/notes`)).body?.cancel()
    await running.until(/"event":"api_refused".*\n/)
    const lines = running.text().trimEnd().split('\n')
    expect(lines.map((line) => (JSON.parse(line) as { event: string }).event)).toEqual(['ready', 'api_refused'])
    expect((await running.stop('SIGTERM')).code).toBe(0)
  })
})

describe('whom it lets in', () => {
  it('answers to its own names only, on all three ports', async () => {
    const { ready } = await startDev(emptyFolder())
    for (const place of [`${ready.issuer}/jwks`, `${ready.api}/notes`, `${ready.app}/`]) {
      const { host, port } = new URL(place)
      expect(await getAs(place, host)).not.toBe(421)
      for (const foreign of [`rebound.example:${port}`, 'localhost', `127.0.0.1:${port}`, `LOCALHOST.:${port}`]) {
        expect(await getAs(place, foreign), `${place} as ${foreign}`).toBe(421)
      }
    }
  })

  it('listens on loopback only', async () => {
    const { ready } = await startDev(emptyFolder())
    const outside = Object.values(networkInterfaces()).flatMap((list) => list ?? [])
    const reachable = outside.filter((one) => !one.internal && one.family === 'IPv4').map((one) => one.address)
    for (const address of reachable) {
      await expect(getAs(`http://${address}:${new URL(ready.issuer).port}/jwks`, 'localhost'), address).rejects.toThrow(/ECONNREFUSED/)
    }
    expect(await getAs(`http://127.0.0.1:${new URL(ready.issuer).port}/jwks`, new URL(ready.issuer).host)).toBe(200)
  })

  it('uses cookie names of its own, so that two on one host do not meet', async () => {
    const { ready } = await startDev(emptyFolder())
    const query = new URLSearchParams({
      response_type: 'code',
      client_id: 'demo-app',
      redirect_uri: `${ready.app}/callback`,
      code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
      code_challenge_method: 'S256',
      scope: 'openid',
      state: 'abcdefgh',
    })
    const response = await fetch(`${ready.issuer}/authorize?${query}`, { redirect: 'manual' })
    const names = response.headers.getSetCookie().map((line) => line.split('=')[0])
    expect(names.length).toBeGreaterThan(0)
    for (const name of names) expect(name).toMatch(new RegExp(`^kimei-\\w+-${new URL(ready.issuer).port}$`))
  })
})

describe('its folder', () => {
  it('is the owner’s alone, and so is everything in it', async () => {
    const cwd = emptyFolder()
    const { running } = await startDev(cwd)
    await signInWithToken(cwd, readyOf(running.text()))
    expect(statSync(join(cwd, '.kimei')).mode & 0o777).toBe(0o700)
    for (const name of readdirSync(join(cwd, '.kimei'), { recursive: true, encoding: 'utf8' })) {
      const { mode } = statSync(join(cwd, '.kimei', name))
      // A socket's own bits mean nothing on every platform: the folder decides.
      if (!name.endsWith('control')) expect(mode & 0o077, name).toBe(0)
    }
  })

  it('that others can look into is refused', async () => {
    const cwd = emptyFolder()
    mkdirSync(join(cwd, 'open'))
    chmodSync(join(cwd, 'open'), 0o755)
    const { code, err } = await kimei(['dev', '--port', '0', '--dir', 'open'], { cwd })
    expect(err).toContain('others can look into open: chmod 700 open')
    expect(code).toBe(2)
  })

  it('has one owner: a second one in the same folder says so', async () => {
    const cwd = emptyFolder()
    await startDev(cwd)
    const second = await kimei(['dev', '--port', '0'], { cwd })
    expect(second.code).toBe(2)
    expect(second.err).toMatch(/another process|in use|own/i)
  })

  it('keeps password, keys, tickets and notes over a restart', async () => {
    const cwd = emptyFolder()
    const port = await fourPorts()
    const first = await startDev(cwd, ['--port', port])
    expect((await signInWithToken(cwd, first.ready)).code).toBe(0)
    const notes = `${first.ready.api}/notes`
    expect((await kimei(['call', '-d', '{"text":"milk"}', notes], { cwd })).out).toContain('milk')
    const keySet = await (await fetch(`${first.ready.issuer}/jwks`)).text()
    await first.running.stop()

    const { ready } = await startDev(cwd, ['--port', port])
    expect([ready.issuer, ready.user]).toEqual([first.ready.issuer, first.ready.user])
    expect(await (await fetch(`${ready.issuer}/jwks`)).text()).toBe(keySet)
    expect((await kimei(['call', notes], { cwd })).out).toContain('milk')
  })
})

/** The second of four neighbours that were free a moment ago. */
async function fourPorts(): Promise<string> {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    const first = 20_000 + Math.floor(Math.random() * 20_000)
    const doors = await Promise.all([first - 1, first, first + 1, first + 2].map(tryListen))
    for (const door of doors) door?.close()
    if (doors.every((door) => door !== undefined)) return String(first)
  }
  throw new Error('no four neighbouring ports are free')
}

function tryListen(port: number): Promise<Server | undefined> {
  const server = createServer()
  return new Promise((resolve) => {
    server.once('error', () => resolve(undefined))
    server.listen(port, '127.0.0.1', () => resolve(server))
  })
}

function readyOf(text: string): DevReady {
  return JSON.parse(/^\{"event":"ready".*\}$/m.exec(text)![0]) as DevReady
}

it('a port that is taken is named, and nothing stays open', async () => {
  const taken = createServer()
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void taken.close())
  const { port } = taken.address() as { port: number }
  const { code, err } = await kimei(['dev', '--port', String(port)], { cwd: emptyFolder() })
  expect(err).toContain(`port ${port} is taken`)
  expect(code).toBe(3)
})

describe('kimei dev --self-check', () => {
  it('SEED-DPOP-01, SEED-TB-28: runs the whole story over HTTP and TLS: issued, accepted, refused four ways and two more, observed', async () => {
    const cwd = emptyFolder()
    const ran = await kimei(['dev', '--self-check', '--json'], { cwd })
    const { code } = ran
    const report = printed<{ ok: boolean; steps: { id: string; ok: boolean; ms: number }[]; binding_key_posture: string }>(ran)
    expect(report.steps.filter((step) => !step.ok)).toEqual([])
    expect(report.steps.map((step) => step.id)).toEqual([
      'started',
      'ticket-issued',
      'api-accepts',
      'bearer-refused',
      'missing-proof-refused',
      'other-key-refused',
      'replayed-proof-refused',
      'api-still-accepts',
      'certificate-ticket-issued',
      'certificate-accepted',
      'no-certificate-refused',
      'other-certificate-refused',
      'certificate-still-accepted',
      'observed',
    ])
    expect(report.binding_key_posture).toBe('dpop+yes+yes+all_api+jti_yes+server+confirmed')
    expect([report.ok, code]).toEqual([true, 0])
    expect(readdirSync(cwd)).toEqual([])
  })

  it('says the same to a person, a line a step', async () => {
    const { code, out } = await kimei(['dev', '--self-check'], { cwd: emptyFolder() })
    expect(out).toMatch(/^✓ ok +ticket-issued +\d+ ms$/m)
    expect(out).toContain('Kimei works on this machine.')
    expect(code).toBe(0)
  })
})

it('the command file is executable and names its interpreter', () => {
  const path = new URL('../src/cli.ts', import.meta.url)
  expect(readFileSync(path, 'utf8').split('\n')[0]).toBe('#!/usr/bin/env node')
  expect(statSync(path).mode & 0o111).not.toBe(0)
})
