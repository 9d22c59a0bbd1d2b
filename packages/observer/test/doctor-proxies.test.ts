// Which line of which proxy's configuration to change: found in the file, or said for each kind.
import { Misuse } from '@kimei/protocol'
import { describe, expect, it } from 'vitest'
import { examine } from '../src/doctor/index.ts'
import { adviceFor } from '../src/doctor/proxy-advice.ts'
import { findings } from '../src/doctor/proxy-files.ts'

describe('the lines of proxies', () => {
  const lines = (text: string) => {
    const { proxy, found } = findings(text)
    return found.map(({ trouble, line }) => `${proxy} ${trouble} p:${line}`)
  }
  const advised = (text: string, troubles: Parameters<typeof adviceFor>[0]) =>
    adviceFor(troubles, [{ name: 'p', text }]).map(({ proxy, trouble, at }) => `${proxy} ${trouble} ${at}`)

  it.each([
    [
      'server {\n  ssl_protocols TLSv1 TLSv1.2;\n  location / {\n    proxy_set_header Host $proxy_host;\n    proxy_set_header DPoP "";\n    proxy_pass http://a/b/;\n  }\n}\n',
      ['nginx old-tls p:2', 'nginx host p:4', 'nginx scheme p:6', 'nginx trust p:6', 'nginx prefix p:6', 'nginx proof-header p:5'],
    ],
    [
      'frontend f\n  bind :443 ssl crt a.pem verify optional\n  http-request set-header Host inner\nbackend b\n  server s 127.0.0.1:1\n',
      ['haproxy scheme p:2', 'haproxy trust p:2', 'haproxy certificate p:2', 'haproxy host p:3'],
    ],
    [
      'notes.example {\n  handle_path /api/* {\n    reverse_proxy 127.0.0.1:8080 {\n      header_up Host inner\n    }\n  }\n}\n',
      ['caddy prefix p:2', 'caddy host p:4'],
    ],
    [
      'static_resources:\n  listeners:\n    - x:\n        stat_prefix: a\n        http_filters: []\n        route: { auto_host_rewrite: true }\n',
      ['envoy trust p:4', 'envoy host p:6'],
    ],
    [
      'entryPoints:\n  web:\n    forwardedHeaders:\n      insecure: true\nhttp:\n  services:\n    a: { loadBalancer: { passHostHeader: false } }\n',
      ['traefik trust p:4', 'traefik host p:7'],
    ],
  ])('%#: found in the file', (text, expected) => {
    expect(lines(text)).toEqual(expected)
  })

  it('what a file does not show is said for its kind, and without a file for all five', () => {
    const caddy = 'notes.example {\n  reverse_proxy 127.0.0.1:8080\n}\n'
    expect(advised(caddy, ['chain'])).toEqual(['caddy chain p'])
    // Nothing is said of what nobody is troubled by; what harms in any case is.
    expect(advised('server {\n  location / {\n    proxy_set_header DPoP "";\n    proxy_pass http://a;\n  }\n}\n', [])).toEqual([
      'nginx proof-header p:3',
    ])
    expect(adviceFor(['scheme'], []).map(({ proxy }) => proxy)).toEqual(['nginx', 'envoy', 'haproxy', 'traefik', 'caddy'])
  })

  it('a file that is of none of them is refused before anything is sent', async () => {
    await expect(examine({ url: 'http://127.0.0.1:9/', proxies: [{ name: 'x', text: 'hello: 1\n' }] })).rejects.toThrow(Misuse)
  })
})
