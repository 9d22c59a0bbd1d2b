// Whether a place asks for client certificates, over real TLS: the six modes of Node, requests inside HTTP, odd but lawful handshakes.
import { selfSigned } from 'testkit'
import { afterEach, describe, expect, it } from 'vitest'
import type { ClientIdentity, TlsSeen, TlsVersion } from '../src/tls/index.ts'
import { surveyTls } from '../src/tls/index.ts'
import { openRawClient } from '../src/wire/raw-client.ts'
import { lineTo } from './line-to.ts'
import { type Asking, asking, clientAuthority, fragmenting, requiringInHttp, serving, type TlsStand } from './tls-servers.ts'

const open: TlsStand[] = []
const kept = async (stand: Promise<TlsStand>): Promise<TlsStand> => {
  const made = await stand
  open.push(made)
  return made
}
afterEach(async () => {
  for (const stand of open.splice(0)) await stand.close()
})

async function survey(stand: TlsStand, identity?: ClientIdentity): Promise<TlsSeen> {
  const { line, close } = lineTo([stand.url], [serving.cert])
  const seen = await surveyTls({ target: 'api', method: 'GET', url: stand.url, identity }, line)
  close()
  return seen!
}

const both: readonly TlsVersion[] = ['TLSv1.2', 'TLSv1.3']
const expected = { none: 'not-requested', optional: 'optional', required: 'required-in-tls' } as const
const six = both.flatMap((version) => (['none', 'optional', 'required'] as const).map((mode): [TlsVersion, Asking] => [version, mode]))

describe('what a handshake asks for', () => {
  it.each(six)('SEED-TB-24, SEED-TB-60: %s, %s', async (version, mode) => {
    const stand = await kept(asking(mode, { minVersion: version, maxVersion: version }))
    const { mode: whole, versions, at } = await survey(stand)
    const seen = versions.find((one) => one.version === version)!
    expect(at).toBe(`127.0.0.1:${stand.port}`)
    expect(seen).toMatchObject({ asked: mode === 'none' ? 'not-requested' : 'requested', mode: expected[mode] })
    expect(versions.find((one) => one.version !== version)).toMatchObject({ asked: 'not-spoken', mode: 'not-spoken' })
    expect(whole).toBe(expected[mode])
    if (mode !== 'none') {
      expect(seen.authorities).toEqual(['CN=client authority'])
      expect(seen.signatureAlgorithms).toContain('ecdsa_secp256r1_sha256')
    }
  })

  it('SEED-TB-60: how absence fails is told apart: alert 40 in TLS 1.2, alert 116 after the handshake in TLS 1.3', async () => {
    const { versions } = await survey(await kept(asking('required')))
    expect(versions.map(({ withoutCertificate }) => withoutCertificate)).toEqual([
      expect.stringMatching(/^TLS alert 40 /),
      'TLS alert 116 certificate_required',
    ])
  })

  it.each(both)('SEED-TB-60: %s: demanded in HTTP, after a whole handshake, is not optional', async (version) => {
    const stand = await kept(requiringInHttp({ minVersion: version, maxVersion: version }))
    expect(await survey(stand)).toMatchObject({ mode: 'required-in-http' })
  })

  it('without telling words, the answer with a certificate shows that HTTP demands one', async () => {
    const stand = await kept(requiringInHttp({}, 'Bad request'))
    expect((await survey(stand)).mode).toBe('optional')
    expect((await survey(stand, clientAuthority)).mode).toBe('required-in-http')
  })

  it('a version that demands less than the other decides', async () => {
    const stand = await kept(requiringInHttp())
    const seen = await survey(stand)
    expect(seen.versions.map(({ mode }) => mode)).toEqual(['required-in-http', 'required-in-http'])
    const strict = await survey(await kept(asking('required')))
    expect(strict.mode).toBe('required-in-tls')
  })

  it.each(['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256'])(
    'reads the flight under %s',
    async (suite) => {
      const options = { minVersion: 'TLSv1.3', ciphers: suite } as const
      expect((await survey(await kept(asking('optional', options)))).mode).toBe('optional')
      expect((await survey(await kept(asking('none', options)))).mode).toBe('not-requested')
    },
  )

  it('reads on after a HelloRetryRequest', async () => {
    const stand = await kept(asking('optional', { minVersion: 'TLSv1.3', ecdhCurve: 'P-521' }))
    const client = openRawClient(() => [serving.cert])
    const answer = await client.send({ method: 'GET', url: stand.url, headers: [], tls: { version: 'TLSv1.3', watched: true } })
    client.close()
    expect(answer.handshake?.flight).toMatchObject({ retried: true, version: 'TLSv1.3', asked: { state: 'requested' } })
    expect(answer.status).toBe(200)
  })

  it.each(both)('%s: puts a request together that is spread over many records, and bounds the list of authorities', async (version) => {
    const names = Array.from({ length: 60 }, (_, i) => selfSigned(`authority ${i}`).cert)
    const stand = await kept(fragmenting(512, { ca: names, minVersion: version, maxVersion: version }))
    const { versions } = await survey(stand)
    const seen = versions.find((one) => one.version === version)!
    expect(seen).toMatchObject({ asked: 'requested', mode: 'optional', furtherAuthorities: 10 })
    expect(seen.authorities).toHaveLength(50)
    expect(seen.authorities).toContain('CN=authority 7')
  })

  it('a later request cannot be seen in TLS 1.3: a 403 without a request is no proof that none comes', async () => {
    const stand = await kept(
      asking('none', { minVersion: 'TLSv1.3' }, (_request, response) =>
        response.writeHead(403, { 'content-type': 'text/html' }).end('Reason: Cannot perform Post-Handshake Authentication.'),
      ),
    )
    const { mode, versions } = await survey(stand)
    expect(mode).toBe('not-observable')
    expect(versions[1]!.reason).toContain('post-handshake')
  })

  it('a place without TLS is none', async () => {
    const { line, close } = lineTo(['http://127.0.0.1:9/'], [])
    expect(await surveyTls({ target: 'api', method: 'GET', url: 'http://127.0.0.1:9/' }, line)).toBeUndefined()
    close()
  })
})
