// Where the guard's proxy listens, against how its terminator proves itself: what cannot go together is told at the start.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { selfSigned } from 'testkit'
import { describe, expect, it } from 'vitest'
import { createProxy, listenProxy, parseGuardFile } from '../src/proxy/index.ts'
import { certifiedGuard, clock } from './certified-api.ts'

const guard = { issuer: 'https://id.example', resource: 'https://api.example/', routes: [{ path: '/notes', policy: 'required' }] }
const proxy = { upstream: 'http://127.0.0.1:1' }
const peers = ['127.0.0.1']
const hops = {
  'shared-secret': { by: 'shared-secret', peers, secret: 'correct-horse-battery-staple-0123456789' },
  'mutual-tls': { by: 'mutual-tls', peers, certificates: [selfSigned('hop').cert] },
  'unix-socket': { by: 'unix-socket' },
}
const tls = { certFile: 'a', keyFile: 'b' }
const socket = { path: 'guard.sock' }

const parse = (listen: object, by?: keyof typeof hops) =>
  parseGuardFile({ listen, guard: { ...guard, ...(by && { certificates: { from: 'header', hop: hops[by] } }) }, proxy })

describe('the door of the guard', () => {
  it('CERT-4-01: fits the way in which the terminator proves itself, or is refused', () => {
    for (const [listen, by] of [
      [{}, 'shared-secret'],
      [{ tls }, 'shared-secret'],
      [{ tls: { ...tls, clientCertificates: 'requested' } }, 'mutual-tls'],
      [{ socket }, 'unix-socket'],
    ] as const)
      expect(() => parse(listen, by)).not.toThrow()
    expect(() => parse({}, 'unix-socket')).toThrow(/listen\.socket is not there/)
    expect(() => parse({ socket }, 'shared-secret')).toThrow(/nobody has an address/)
    for (const listen of [{}, { tls }]) expect(() => parse(listen, 'mutual-tls')).toThrow(/clientCertificates: requested/)
    expect(() => parse({ socket, tls })).toThrow(/exclude each other/)
  })

  it('a socket that somebody else serves is left alone', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'kimei-door-'))
    const at = { host: '127.0.0.1', port: 0, socket: { path: join(folder, 'guard.sock'), mode: 0o600 } }
    const random = (bytes: number) => crypto.getRandomValues(new Uint8Array(bytes))
    const start = async () => listenProxy(await createProxy(certifiedGuard([]), proxy, { clock, random }), at)
    const first = await start()
    expect(first.url).toBe(`unix:${at.socket.path}`)
    await expect(start()).rejects.toMatchObject({ code: 'EADDRINUSE' })
    await first.close()
    await (await start()).close()
    rmSync(folder, { recursive: true })
  })
})
