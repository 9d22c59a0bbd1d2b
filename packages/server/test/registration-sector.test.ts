// sector_identifier_uri at registration: fetched through the guarded fetcher, and held to (OpenID Connect Registration §5).

import { type OutsideServer, sendJson, startOutside } from 'testkit'
import { type IssuerKit, kitRedirect, readResponse, startIssuerKit } from 'testkit/issuer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

let outside: OutsideServer
let kit: IssuerKit
beforeAll(async () => {
  outside = await startOutside((request, response) => {
    if (request.url === '/both') sendJson(response, [kitRedirect, `${kitRedirect}/2`])
    else if (request.url === '/object') sendJson(response, { redirect_uris: [kitRedirect] })
    else if (request.url === '/text') response.writeHead(200, { 'content-type': 'application/json' }).end('not json')
    else if (request.url === '/html') response.writeHead(200, { 'content-type': 'text/html' }).end('[]')
    else if (request.url === '/moved') response.writeHead(302, { location: '/both' }).end()
    else sendJson(response, [`${kitRedirect}/2`])
  })
  kit = await startIssuerKit({ config: { registration: { mode: 'open' }, outbound: { allow: [{ origin: outside.origin }] } } })
})
afterAll(async () => {
  await kit.close()
  await outside.close()
})

async function register(sector: string | undefined, redirects: readonly string[] = [kitRedirect], more: object = {}) {
  const body = JSON.stringify({ redirect_uris: redirects, sector_identifier_uri: sector, ...more })
  return readResponse(await fetch(`${kit.issuer}/register`, { method: 'POST', headers: { 'content-type': 'application/json' }, body }))
}

describe('sector_identifier_uri', () => {
  it('OIDC-8.1-01: a list that holds every redirect URI is taken, and the member is answered', async () => {
    const { status, json } = await register(`${outside.origin}/both`, [kitRedirect, `${kitRedirect}/2`])
    expect([status, json['sector_identifier_uri']]).toEqual([201, `${outside.origin}/both`])
  })

  it('OIDC-8.1-01: a pairwise client gets the host of its list as sector, one with a single host that host', async () => {
    const [listed, single] = [
      await register(`${outside.origin}/both`, [kitRedirect, `${kitRedirect}/2`], { subject_type: 'pairwise' }),
      await register(undefined, [kitRedirect], { subject_type: 'pairwise' }),
    ]
    const sectorOf = async (answer: typeof listed) =>
      (await kit.storage.records.client(kit.issuer, String(answer.json['client_id'])))?.sector
    expect([listed.json['subject_type'], await sectorOf(listed), await sectorOf(single)]).toEqual(['pairwise', '127.0.0.1', 'app.example'])
  })

  const bad: Record<string, string> = {
    'a list that lacks a redirect URI': '/other',
    'an object': '/object',
    'no JSON': '/text',
    'another media type': '/html',
    'a redirect': '/moved',
  }
  for (const [why, path] of Object.entries(bad)) {
    it(`OIDC-8.1-01: ${why}: 400 invalid_client_metadata, and nothing is registered`, async () => {
      const before = await kit.storage.records.registrationCount(kit.issuer)
      const { status, json } = await register(outside.origin + path)
      expect([status, json['error']]).toEqual([400, 'invalid_client_metadata'])
      expect(await kit.storage.records.registrationCount(kit.issuer)).toBe(before)
    })
  }

  it('DCR-5-01: an address inside is never asked: 400, and no request goes out', async () => {
    const asked = outside.asked.length
    for (const uri of [
      `http://localhost:${outside.port}/both`,
      'https://169.254.169.254/latest',
      `https://127.0.0.1:${outside.port}/both`,
    ]) {
      const { status, json } = await register(uri)
      expect([status, json['error']]).toEqual([400, 'invalid_client_metadata'])
    }
    expect(outside.asked.length).toBe(asked)
  })
})
