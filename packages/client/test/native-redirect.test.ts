// The loopback listener of native applications.

import { connect } from 'node:net'
import { networkInterfaces } from 'node:os'
import { describe, expect, it } from 'vitest'
import { listenForRedirect } from '../src/node.ts'

const get = (url: string, headers = {}): Promise<number> => fetch(url, { headers }).then(({ status }) => status)

function reaches(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port })
    socket.once('connect', () => resolve(true))
    socket.once('error', () => resolve(false))
    socket.once('close', () => socket.destroy())
  })
}

describe('the loopback listener', () => {
  it('NATIVE-8.3-01: is on 127.0.0.1 alone, takes one callback, and is closed after it', async () => {
    const redirect = await listenForRedirect()
    const { hostname, port } = new URL(redirect.redirectUri)
    expect(hostname).toBe('127.0.0.1')
    for (const { address, internal } of Object.values(networkInterfaces()).flatMap((list) => list ?? [])) {
      if (!internal) expect(await reaches(address, Number(port))).toBe(false)
    }
    const received = redirect.received('s')
    expect(await get(`${redirect.redirectUri}?state=s&code=c`)).toBe(200)
    expect((await received).searchParams.get('code')).toBe('c')
    expect(await reaches('127.0.0.1', Number(port))).toBe(false)
  })

  it('O21-2.3.3-01: whoever else knocks changes nothing', async () => {
    const redirect = await listenForRedirect({ path: '/back' })
    const received = redirect.received('mine')
    const { origin } = new URL(redirect.redirectUri)
    expect(await get(`${redirect.redirectUri}?state=other&code=x`)).toBe(404)
    expect(await get(`${origin}/favicon.ico?state=mine`)).toBe(404)
    expect(await get(`${origin}//evil.example.test/back?state=mine`)).toBe(404)
    expect((await fetch(`${redirect.redirectUri}?state=mine`, { method: 'POST' })).status).toBe(404)
    expect(await get(`${redirect.redirectUri}?state=mine&code=c`)).toBe(200)
    expect((await received).href).toBe(`${redirect.redirectUri}?state=mine&code=c`)
  })

  it('a name that was bent to this machine is not ours', async () => {
    const redirect = await listenForRedirect()
    const received = redirect.received('s')
    const { port, hostname } = new URL(redirect.redirectUri)
    const answer = await new Promise<string>((resolve) => {
      const socket = connect({ host: hostname, port: Number(port) }, () =>
        socket.write('GET /callback?state=s HTTP/1.1\r\nHost: evil.example.test\r\nConnection: close\r\n\r\n'),
      )
      let text = ''
      socket.on('data', (chunk) => {
        text += chunk
      })
      socket.on('close', () => resolve(text))
    })
    expect(answer).toMatch(/^HTTP\/1\.1 404 /)
    await get(`${redirect.redirectUri}?state=s`)
    await received
  })

  it('gives up in time, and closes then too', async () => {
    const redirect = await listenForRedirect({ patienceSeconds: 0.05 })
    await expect(redirect.received('s')).rejects.toMatchObject({ code: 'holder.callback-arrives' })
    expect(await reaches('127.0.0.1', Number(new URL(redirect.redirectUri).port))).toBe(false)
  })
})
