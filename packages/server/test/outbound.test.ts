// The guarded fetcher: what it takes, and where it goes.
import { selfSigned, sendJson } from 'testkit'
import { afterEach, describe, expect, it } from 'vitest'
import { closeOutside, fetched, made, outside, ruleOf } from './outbound-parts.ts'

afterEach(closeOutside)

describe('what is taken', () => {
  it('asks plainly: no coding, no kept connection, a name of its own', async () => {
    const server = await outside((_request, response) => sendJson(response, { ok: true }, { 'cache-control': 'max-age=60' }))
    const { answer } = await fetched(server)
    expect(answer).toMatchObject({
      status: 200,
      mediaType: 'application/json',
      text: '{"ok":true}',
      headers: { 'cache-control': 'max-age=60' },
    })
    expect(server.lastHeaders()).toMatchObject({
      'accept-encoding': 'identity',
      connection: 'close',
      accept: 'application/json',
      'user-agent': 'Kimei',
    })
    expect(server.lastHeaders()).not.toHaveProperty('cookie')
  })

  it('posts, and takes any 2xx', async () => {
    let body = ''
    const server = await outside((request, response) => {
      request.setEncoding('utf8').on('data', (chunk: string) => {
        body += chunk
      })
      request.on('end', () => response.writeHead(204).end())
    })
    const { outbound } = made({ allow: [{ origin: server.origin }] })
    const options = { purpose: 'test', contentType: 'application/x-www-form-urlencoded', mostBytes: 100, seconds: 3 }
    expect(await outbound.post(`${server.origin}/`, 'a=ä', options)).toMatchObject({ status: 204, text: '' })
    expect([body, server.lastHeaders()['content-length']]).toEqual(['a=ä', '4'])
  })

  it('OIDC-16.17-3: over TLS, by name, with a certificate of an authority that is trusted, from an address that was judged', async () => {
    const certificate = selfSigned('outside', 'keys.example')
    const server = await outside((_request, response) => sendJson(response, {}), certificate)
    const origin = `https://keys.example:${server.port}`
    const lookUp = () => ['127.0.0.1']
    const allow = [{ origin, addresses: ['127.0.0.0/8'] }]
    expect(ruleOf(await made({ allow, lookUp, ca: [certificate.cert] }).get(`${origin}/`))).toBe('taken')
    expect(server.lastHeaders().host).toBe(`keys.example:${server.port}`)
    const untrusted = made({ allow, lookUp })
    expect(ruleOf(await untrusted.get(`${origin}/`))).toBe('outbound.connection-holds')
    expect(untrusted.audit[0]).toMatchObject({ received: 'DEPTH_ZERO_SELF_SIGNED_CERT' })
    const other = origin.replace('keys', 'other')
    const wrongName = made({ allow: [{ origin: other }], lookUp, ca: [certificate.cert] })
    expect(ruleOf(await wrongName.get(`${other}/`))).toBe('outbound.connection-holds')
    expect(wrongName.audit[0]).toMatchObject({ received: 'ERR_TLS_CERT_ALTNAME_INVALID' })
    expect(server.asked).toHaveLength(1)
  })
})

describe('where it goes', () => {
  it.each([
    ['http://client.example/', 'outbound.scheme-is-https'],
    ['file:///etc/passwd', 'outbound.scheme-is-https'],
    ['data:application/json,{}', 'outbound.scheme-is-https'],
    ['gopher://client.example/', 'outbound.scheme-is-https'],
    ['client.example/keys', 'outbound.url-is-absolute'],
    ['', 'outbound.url-is-absolute'],
    ['https://someone@client.example/', 'outbound.url-has-no-user-information'],
    ['https://:x@client.example/', 'outbound.url-has-no-user-information'],
    ['https://client.example:8443/', 'outbound.port-is-usual'],
    ['https://client.example:22/', 'outbound.port-is-usual'],
  ])('JAR-5.2-01: %s is refused before anything is resolved', async (url, rule) => {
    const names: string[] = []
    const { get } = made({
      lookUp: (host) => {
        names.push(host)
        return []
      },
    })
    expect(ruleOf(await get(url))).toBe(rule)
    expect(names).toEqual([])
  })

  it.each([
    'https://127.0.0.1/',
    'https://0x7f.1/',
    'https://2130706433/',
    'https://0177.0.0.1/',
    'https://127.1/',
    'https://[::1]/',
    'https://[::ffff:127.0.0.1]/',
    'https://[::ffff:a00:1]/',
    'https://[::7f00:1]/',
    'https://[64:ff9b::7f00:1]/',
    'https://[64:ff9b:1::a00:1]/',
    'https://[2002:7f00:1::]/',
    'https://[2001:0:1::1]/',
    'https://[fd00::1]/',
    'https://[fe80::1]/',
    'https://[fec0::1]/',
    'https://[ff02::1]/',
    'https://[2001:db8::1]/',
    'https://[4000::1]/',
    'https://[::]/',
    'https://0.0.0.0/',
    'https://0.1.2.3/',
    'https://10.0.0.1/',
    'https://100.64.0.1/',
    'https://169.254.169.254/latest/meta-data/',
    'https://172.16.0.1/',
    'https://192.0.0.8/',
    'https://192.0.2.1/',
    'https://192.168.0.1/',
    'https://198.18.0.1/',
    'https://198.51.100.1/',
    'https://203.0.113.1/',
    'https://224.0.0.1/',
    'https://240.0.0.1/',
    'https://255.255.255.255/',
  ])('CIMD-8.6-01: %s is a special-use address', async (url) => {
    const { get } = made()
    expect(ruleOf(await get(url))).toBe('outbound.addresses-are-public')
  })

  it('CIMD-8.6-01: one private address among public ones is enough to refuse', async () => {
    const { get, audit } = made({ lookUp: () => ['8.8.8.8', '10.0.0.1', '2606:4700::1111'] })
    expect(ruleOf(await get('https://client.example/'))).toBe('outbound.addresses-are-public')
    expect(audit[0]).toMatchObject({ event: 'outbound_refused', target: 'https://client.example', received: ['10.0.0.1'], purpose: 'test' })
  })

  it.each(['localhost', 'LOCALHOST'])('CIMD-8.6-01: %s is judged by what it resolves to', async (host) => {
    expect(ruleOf(await made().get(`https://${host}/`))).toBe('outbound.addresses-are-public')
  })

  it('CIMD-8.6-01: a name that changes its address between judgement and connection is connected where it was judged', async () => {
    const server = await outside((_request, response) => sendJson(response, { who: 'judged' }))
    let times = 0
    const origin = `http://localhost:${server.port}`
    const { get } = made({
      allow: [{ origin, addresses: ['127.0.0.1'] }],
      lookUp: () => {
        times += 1
        return times === 1 ? ['127.0.0.1'] : ['169.254.169.254']
      },
    })
    expect(await get(`${origin}/`)).toMatchObject({ text: '{"who":"judged"}' })
    expect(times).toBe(1)
    expect(ruleOf(await get(`${origin}/`))).toBe('outbound.addresses-are-public')
    expect(server.asked).toHaveLength(1)
  })

  it('a name without an address, and a resolver that fails', async () => {
    expect(ruleOf(await made({ lookUp: () => [] }).get('https://client.example/'))).toBe('outbound.host-resolves')
    const failing = made({ lookUp: () => Promise.reject(new Error('ENOTFOUND client.example')) })
    expect(ruleOf(await failing.get('https://client.example/'))).toBe('outbound.host-resolves')
    const throwing = made({
      lookUp: () => {
        throw new Error('broken')
      },
    })
    expect(ruleOf(await throwing.get('https://client.example/'))).toBe('outbound.host-resolves')
  })

  it('a listed origin is exactly this one, and never link-local', async () => {
    const server = await outside((_request, response) => sendJson(response, {}))
    const { get } = made({ allow: [{ origin: server.origin }] })
    expect(ruleOf(await get(`${server.origin}/any/path`))).toBe('taken')
    expect(ruleOf(await get(`http://localhost:${server.port}/`))).toBe('outbound.scheme-is-https')
    expect(ruleOf(await get(`https://127.0.0.1:${server.port}/`))).toBe('outbound.port-is-usual')
    const inner = made({ allow: [{ origin: 'https://keys.internal' }], lookUp: () => ['169.254.169.254'] })
    expect(ruleOf(await inner.get('https://keys.internal/'))).toBe('outbound.addresses-are-public')
    const ranged = made({ allow: [{ origin: 'https://keys.internal', addresses: ['10.0.0.0/8'] }], lookUp: () => ['8.8.8.8'] })
    expect(ruleOf(await ranged.get('https://keys.internal/'))).toBe('outbound.addresses-are-public')
  })

  it('no proxy of the environment is used', async () => {
    const proxy = await outside((_request, response) => sendJson(response, { who: 'proxy' }))
    const server = await outside((_request, response) => sendJson(response, { who: 'server' }))
    const before = { ...process.env }
    Object.assign(process.env, { NODE_USE_ENV_PROXY: '1', HTTP_PROXY: proxy.origin, http_proxy: proxy.origin, NO_PROXY: '', no_proxy: '' })
    const { setGlobalProxyFromEnv } = await import('node:http')
    const restore = setGlobalProxyFromEnv(process.env)
    try {
      const { answer } = await fetched(server)
      expect(answer).toMatchObject({ text: '{"who":"server"}' })
      expect(proxy.asked).toEqual([])
    } finally {
      restore()
      process.env = before
    }
  })
})
