// Which public URL a proof must name: from the configuration alone, whatever a request says of itself.
import { describe, expect, it } from 'vitest'
import { isPeerRange, peerMatcher } from '../src/config/addresses.ts'
import { type Api, startApi } from './guarded-api.ts'

const lies = [
  'Host: evil.example',
  'X-Forwarded-Host: evil.example',
  'X-Forwarded-Proto: https',
  'X-Forwarded-Port: 443',
  'X-Forwarded-Prefix: /evil',
  'Forwarded: host=evil.example;proto=https',
  'X-Original-URL: /open',
  'X-Rewrite-URL: /open',
]

async function callAt(api: Api, htu: string, lines: readonly string[] = []): Promise<number> {
  const token = api.token()
  const proof = api.proof('/notes', { accessToken: token, url: htu })
  return (await api.call('/notes', { token, proof, lines })).status
}

describe('the expected URL', () => {
  it('DPOP-4.3-09 BCP-4.13-01: is moved by no header of a stranger', async () => {
    const api = await startApi({ config: { baseUrls: ['https://api.example'] } })
    for (const lie of lies) {
      const lines = lie.startsWith('Host') ? [] : [lie]
      expect(await callAt(api, 'https://api.example/notes', lines), lie).toBe(200)
      expect(await callAt(api, 'https://evil.example/notes', lines), lie).toBe(401)
      expect(await callAt(api, 'https://api.example/evil/notes', lines), lie).toBe(401)
    }
    expect(await callAt(api, `${api.url}/notes`)).toBe(401)
    await api.close()
  })

  it('DPOP-4.3-09: is moved by no header of a listed peer either, beyond the configured bases', async () => {
    const config = { baseUrls: ['https://api.example', 'https://mtls.api.example'], forwarded: { peers: ['127.0.0.0/8', '::1'] } }
    const api = await startApi({ config })
    for (const lie of lies.slice(1)) expect(await callAt(api, 'https://evil.example/notes', [lie]), lie).toBe(401)
    const says = (host: string) => ['X-Forwarded-Proto: https', `X-Forwarded-Host: ${host}`]
    expect(await callAt(api, 'https://mtls.api.example/notes', says('mtls.api.example'))).toBe(200)
    expect(await callAt(api, 'https://mtls.api.example/notes', says('api.example'))).toBe(401)
    expect(await callAt(api, 'https://mtls.api.example/notes', says('evil.example'))).toBe(200)
    expect(await callAt(api, 'https://mtls.api.example/notes')).toBe(200)
    await api.close()
  })

  it('DPOP-4.3-09: the choice among bases is not open to strangers', async () => {
    const config = {
      baseUrls: ['https://api.example', 'https://mtls.api.example'],
      forwarded: { peers: ['10.0.0.0/8'], header: 'forwarded' as const },
    }
    const api = await startApi({ config })
    const line = 'Forwarded: for=192.0.2.1;host=api.example;proto=https'
    expect(await callAt(api, 'https://mtls.api.example/notes', [line])).toBe(200)
    await api.close()
    const trusting = await startApi({ config: { ...config, forwarded: { peers: ['127.0.0.1'], header: 'forwarded' } } })
    expect(await callAt(trusting, 'https://mtls.api.example/notes', [line])).toBe(401)
    expect(await callAt(trusting, 'https://api.example/notes', [`Forwarded: host=evil.example;proto=https, ${line.slice(11)}`])).toBe(200)
    await trusting.close()
  })

  it('DPOP-4.3-09: a base with a path stands for a proxy that strips it', async () => {
    const api = await startApi({ config: { baseUrls: ['https://api.example/v1/', 'https://api.example/v2'] } })
    expect(await callAt(api, 'https://api.example/v1/notes')).toBe(200)
    expect(await callAt(api, 'https://api.example/v2/notes')).toBe(200)
    expect(await callAt(api, 'https://api.example/notes')).toBe(401)
    expect(await callAt(api, 'https://api.example/v1//notes')).toBe(401)
    await api.close()
  })

  it('a mismatch is explained to the log, both sides and the headers seen, and not to the caller', async () => {
    const api = await startApi({ config: { baseUrls: ['https://api.example'] } })
    const token = api.token()
    const proof = api.proof('/notes', { accessToken: token, url: 'http://internal:8080/notes?secret=1' })
    const answer = await api.call('/notes', { token, proof, lines: ['X-Forwarded-Proto: https'] })
    expect(api.last()).toMatchObject({
      event: 'dpop_invalid',
      rule: 'dpop.htu-is-request-target',
      expected: ['https://api.example/notes'],
      received: 'http://internal:8080/notes',
      headers: { host: `localhost:${api.port}`, 'x-forwarded-proto': 'https' },
      headersTrusted: false,
    })
    expect(answer.text).not.toMatch(/internal|api\.example\/notes|secret/)
    await api.close()
  })
})

describe('listed peers', () => {
  it('are addresses and ranges, IPv4 mapped into IPv6 included', () => {
    const match = peerMatcher(['10.0.0.0/8', '192.0.2.7', 'fd00::/8', '::1'])
    for (const inside of ['10.1.2.3', '::ffff:10.1.2.3', '192.0.2.7', 'fd12::1', '::1', 'fd00::1%eth0'])
      expect(match(inside), inside).toBe(true)
    for (const outside of ['11.0.0.1', '192.0.2.8', 'fe80::1', '', undefined, 'localhost', '10.1', '::ffff:11.0.0.1', 'unix']) {
      expect(match(outside), String(outside)).toBe(false)
    }
  })

  it('are not what looks like it', () => {
    for (const text of ['10.0.0.0/33', 'fd00::/129', '10.0.0', 'host', '10.0.0.0/8/8', '10.0.0.0/-1', '10.0.0.0/', ''])
      expect(isPeerRange(text), text).toBe(false)
  })
})
