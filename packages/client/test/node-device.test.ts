// What Node lends a holder: files nobody else can read, shelves, and locks that outlive no owner.
import { type ChildProcess, spawn } from 'node:child_process'
import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openDevice } from '../src/index.ts'
import { createFileLock, openPrivateFolder } from '../src/node.ts'
import { type PliableIssuer, startPliableIssuer } from './pliable-issuer.ts'

const owner = { issuer: 'https://issuer.example.test', clientId: 'app' }
let home: string
let folder: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'kimei-device-'))
  folder = join(home, 'holder')
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

const mode = (path: string): number => lstatSync(path).mode & 0o777
const onlyFile = (prefix: string): string => join(folder, readdirSync(folder).find((name) => name.startsWith(prefix)) as string)

describe('the key file', () => {
  it('DPOP-11.4-01: is 0600 in a 0700 folder, survives a restart, and its handle cannot be exported', async () => {
    const { keys } = await openDevice({ folder })
    const key = await keys.keyFor(owner)
    expect([mode(folder), mode(onlyFile('key-'))]).toEqual([0o700, 0o600])
    expect((await (await openDevice({ folder })).keys.keyFor(owner)).jkt).toBe(key.jkt)
    await expect(crypto.subtle.exportKey('jwk', key.privateKey)).rejects.toThrow()
    expect(key.publicJwk).not.toHaveProperty('d')
    expect(key.home).toBe('file')
  })

  it('DPOP-11.4-01: loose permissions, links and other things in its place are refused, with the command that mends it', async () => {
    const { keys } = await openDevice({ folder })
    await keys.keyFor(owner)
    const file = onlyFile('key-')
    const refused = { code: 'holder.key-stays-private' }
    chmodSync(file, 0o640)
    await expect(keys.keyFor(owner)).rejects.toThrow(`chmod 600 ${file}`)
    chmodSync(file, 0o600)
    chmodSync(folder, 0o750)
    await expect(openDevice({ folder })).rejects.toThrow(`chmod 700 ${folder}`)
    chmodSync(folder, 0o700)
    const elsewhere = join(home, 'elsewhere')
    writeFileSync(elsewhere, readFileSync(file), { mode: 0o600 })
    rmSync(file)
    symlinkSync(elsewhere, file)
    await expect(keys.keyFor(owner)).rejects.toMatchObject(refused)
    symlinkSync(folder, join(home, 'link'))
    await expect(openDevice({ folder: join(home, 'link') })).rejects.toMatchObject(refused)
    writeFileSync(join(home, 'file'), '')
    await expect(openDevice({ folder: join(home, 'file') })).rejects.toThrow()
  })

  it('a damaged key is reported without a byte of it', async () => {
    const { keys } = await openDevice({ folder })
    await keys.keyFor(owner)
    const file = onlyFile('key-')
    const { privateJwk } = JSON.parse(readFileSync(file, 'utf8'))
    for (const text of [
      JSON.stringify({ privateJwk }),
      `${JSON.stringify(privateJwk)}x`,
      readFileSync(file, 'utf8').replace('"alg":"ES256"', '"alg":"HS256"'),
    ]) {
      writeFileSync(file, text)
      const error = await keys.keyFor(owner).catch((found: unknown) => found)
      expect(error).toMatchObject({ code: 'holder.key-is-readable' })
      expect(String(error)).not.toContain(privateJwk.d.slice(0, 12))
    }
  })

  it('two that make a key at once make the same one, and a forgotten key does not come back', async () => {
    const devices = await Promise.all(Array.from({ length: 8 }, () => openDevice({ folder })))
    const jkts = await Promise.all(devices.map(async ({ keys }) => (await keys.keyFor(owner)).jkt))
    expect(new Set(jkts).size).toBe(1)
    expect(readdirSync(folder).filter((name) => name.includes('draft'))).toEqual([])
    await devices[0]?.keys.forget(owner)
    expect((await devices[1]?.keys.keyFor(owner))?.jkt).not.toBe(jkts[0])
  })

  it.each(['ES256', 'ES384', 'ES512', 'PS256', 'EdDSA', 'Ed25519'] as const)(
    '%s keys are written down, read back and sign',
    async (algorithm) => {
      await (await openDevice({ folder, algorithm })).keys.keyFor(owner)
      const key = await (await openDevice({ folder })).keys.keyFor(owner)
      expect(key.alg).toBe(algorithm)
      expect((await key.sign(new Uint8Array(8))).byteLength).toBeGreaterThan(63)
    },
  )
})

describe('the shelf', () => {
  it('keeps values across a restart, and gives each to one taker only', async () => {
    const devices = await Promise.all(Array.from({ length: 8 }, () => openDevice({ folder })))
    await devices[0]?.shelf.write('../../sign-in:x', { a: 1 })
    expect(readdirSync(home)).toEqual(['holder'])
    expect(await devices[1]?.shelf.read('../../sign-in:x')).toEqual({ a: 1 })
    const taken = await Promise.all(devices.map(({ shelf }) => shelf.take('../../sign-in:x')))
    expect(taken.filter((value) => value !== undefined)).toEqual([{ a: 1 }])
    expect(readdirSync(folder)).toEqual([])
  })

  it('files are replaced whole, 0600, and damage is an error with a code', async () => {
    const { shelf } = await openDevice({ folder })
    await shelf.write('slot', { long: 'x'.repeat(10_000) })
    await shelf.write('slot', { short: true })
    expect(await shelf.read('slot')).toEqual({ short: true })
    expect(mode(onlyFile('slot-'))).toBe(0o600)
    writeFileSync(onlyFile('slot-'), '{"cut":')
    await expect(shelf.read('slot')).rejects.toMatchObject({ code: 'holder.key-is-readable' })
    await shelf.remove('slot')
    expect(await shelf.read('slot')).toBeUndefined()
  })
})

describe('the lock', () => {
  const quick = { patienceMs: 5_000, heartbeatMs: 50, staleMs: 1_000, pollMs: 2 }
  const held = async (): Promise<string> => (await openPrivateFolder(folder)).fileFor('lock', 'x')

  async function contend(locks: number): Promise<number[]> {
    const opened = await openPrivateFolder(folder)
    const inside: number[] = []
    let now = 0
    await Promise.all(
      Array.from({ length: locks }, () =>
        // A lock of its own each, as processes have.
        createFileLock(opened, quick)('x', async () => {
          now += 1
          inside.push(now)
          await pause(1)
          now -= 1
        }),
      ),
    )
    return inside
  }

  it('lets in one at a time, and leaves nothing behind', async () => {
    expect(await contend(20)).toEqual(Array(20).fill(1))
    expect(readdirSync(folder)).toEqual([])
  })

  it('of many who find a dead owner’s lock, one at a time gets in', async () => {
    mkdirSync(folder, { mode: 0o700 })
    const { pid } = spawn(process.execPath, ['-e', ''], { stdio: 'ignore' })
    const dead = JSON.stringify({ pid: await gone(pid as number), host: hostname(), token: 'x' })
    for (let round = 0; round < 5; round += 1) {
      writeFileSync(join(folder, `${await held()}.lock`), dead, { mode: 0o600 })
      expect(await contend(12)).toEqual(Array(12).fill(1))
    }
  })

  it('another host’s lock is waited for while it is touched, and taken when it is not', async () => {
    mkdirSync(folder, { mode: 0o700 })
    const path = join(folder, `${await held()}.lock`)
    writeFileSync(path, JSON.stringify({ pid: 1, host: 'elsewhere', token: 'x' }))
    const lock = createFileLock(await openPrivateFolder(folder), { ...quick, patienceMs: 60, staleMs: 60_000 })
    await expect(lock('x', async () => 'in')).rejects.toMatchObject({ code: 'holder.lock-is-granted' })
    utimesSync(path, 1, 1)
    expect(await lock('x', async () => 'in')).toBe('in')
  })

  it('an owner that was taken for dead leaves its heir’s lock alone', async () => {
    const lock = createFileLock(await openPrivateFolder(folder), quick)
    const path = join(folder, `${await held()}.lock`)
    const heir = JSON.stringify({ pid: process.pid, host: hostname(), token: 'heir' })
    await lock('x', async () => writeFileSync(path, heir))
    expect(readFileSync(path, 'utf8')).toBe(heir)
  })

  it('work that fails frees the lock', async () => {
    const lock = createFileLock(await openPrivateFolder(folder), quick)
    await expect(lock('x', () => Promise.reject(new Error('no')))).rejects.toThrow('no')
    expect(await lock('x', async () => 'in')).toBe('in')
  })
})

async function gone(pid: number): Promise<number> {
  for (;;) {
    try {
      process.kill(pid, 0)
    } catch {
      return pid
    }
    await pause(5)
  }
}

describe('several processes', () => {
  let peer: PliableIssuer
  const children: ChildProcess[] = []
  beforeEach(async () => {
    peer = await startPliableIssuer()
    // A ticket that is due at once.
    peer.bend.tokens = (right) => ({ ...right, expires_in: 0 })
    const session = peer.session({ device: await openDevice({ folder }) })
    await session.complete(await peer.begun(session))
    peer.bend.tokens = (right) => right
    peer.server.heard.length = 0
  })
  afterEach(async () => {
    for (const child of children.splice(0)) child.kill('SIGKILL')
    await peer.server.close()
  })

  function start(): { ready: Promise<void>; result: Promise<string>; child: ChildProcess } {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'children/renewing-child.ts'), peer.issuer, folder], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    children.push(child)
    let text = ''
    const { promise: ready, resolve: isReady } = Promise.withResolvers<void>()
    const { promise: result, resolve: isDone } = Promise.withResolvers<string>()
    child.stdout?.on('data', (chunk) => {
      text += chunk
      if (text.includes('ready\n')) isReady()
    })
    child.once('exit', () => isDone(text.replace('ready\n', '').trim()))
    return { ready, result, child }
  }

  it('that need a fresh ticket together share one renewal and one key', async () => {
    const all = Array.from({ length: 4 }, start)
    peer.bend.token = async () => {
      await Promise.all(all.map(({ ready }) => ready))
      await pause(100)
      return undefined
    }
    const results = await Promise.all(all.map(({ result }) => result))
    expect(results[0]).toMatch(/^opaque-2- ?\S* [\w-]{43}$/)
    expect(new Set(results).size).toBe(1)
    expect(peer.tokenRequests()).toHaveLength(1)
  })

  it('go on when one is killed in the middle of a renewal', async () => {
    const { promise: asked, resolve: isAsked } = Promise.withResolvers<void>()
    peer.bend.token = async () => {
      isAsked()
      await pause(60_000, undefined, { ref: false })
      return undefined
    }
    const victim = start()
    await asked
    delete peer.bend.token
    const heir = start()
    await heir.ready
    expect(readdirSync(folder).some((name) => name.endsWith('.lock'))).toBe(true)
    victim.child.kill('SIGKILL')
    expect(await heir.result).toMatch(/^opaque-2-/)
    const sent = peer.tokenRequests().map((form) => form.get('refresh_token'))
    expect(sent).toEqual(['refresh-1', 'refresh-1'])
  })
})
