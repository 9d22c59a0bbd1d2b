// What a lab is and is not: loopback, marked, made of its own keys; only rules of the catalogue can be removed.
import { request } from 'node:http'
import { observe, parseInventory } from '@kimei/observer'
import { Misuse, type RuleId } from '@kimei/protocol'
import { createMemoryStorage } from '@kimei/storage/memory'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Lab, lawWithout, startLab } from '../src/index.ts'
import { storageWithout } from '../src/once-only.ts'
import { readForm } from '../src/plain-browser.ts'

function headersOf(url: string): Promise<Record<string, unknown>> {
  return new Promise((resolve, reject) => {
    request(url, (response) => {
      response.resume()
      response.on('end', () => resolve(response.headers))
    })
      .on('error', reject)
      .end()
  })
}

describe('a lab', () => {
  let lab: Lab
  beforeAll(async () => {
    lab = await startLab({ without: ['dpop.htm-is-request-method'] })
  })
  afterAll(() => lab.close())

  it('listens on the loopback address alone', () => {
    expect(new URL(lab.issuerUrl).hostname).toBe('127.0.0.1')
    expect(new URL(lab.apiUrl).hostname).toBe('127.0.0.1')
    for (const host of lab.inventory.allowedHosts) expect(host).toMatch(/^(127\.0\.0\.1|localhost):\d+$/)
  })

  it('marks every answer with the rules that are missing', async () => {
    for (const url of [
      `${lab.issuerUrl}/jwks`,
      `${lab.issuerUrl}/nothing`,
      `${lab.issuerUrl}/authorize`,
      `${lab.apiUrl}/notes`,
      `${lab.apiUrl}/nothing`,
    ]) {
      expect(await headersOf(url)).toMatchObject({ 'kimei-lab': 'dpop.htm-is-request-method' })
    }
  })

  it('makes its keys and passwords itself, anew each time', async () => {
    const other = await startLab({ without: [] })
    const keysOf = async (url: string) => (await (await fetch(`${url}/jwks`)).json()) as { keys: { kid: string }[] }
    const [mine, theirs] = [await keysOf(lab.issuerUrl), await keysOf(other.issuerUrl)]
    expect(mine.keys.map(({ kid }) => kid).filter((kid) => theirs.keys.some((key) => key.kid === kid))).toEqual([])
    await other.close()
  })

  it('signs its person in through plain forms', async () => {
    const entry = lab.inventory.clients.find(({ id }) => id === 'app')!
    const query = new URLSearchParams({
      response_type: 'code',
      client_id: entry.clientId,
      redirect_uri: 'http://127.0.0.1/callback',
      scope: 'notes:read',
      state: 'state of the test',
      code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
      code_challenge_method: 'S256',
    })
    const back = await lab.signIn(`${lab.issuerUrl}/authorize?${query}`)
    const answer = new URL('redirectedTo' in back ? back.redirectedTo : 'http://none.invalid/')
    expect(answer.searchParams.get('state')).toBe('state of the test')
    expect(answer.searchParams.get('code')).toMatch(/^[\w-]{20,}$/)
  })

  it('SEED-TB-65, SEED-TB-66, SEED-TB-67, SEED-TB-69: issuance, use and each kind of refusal leave their audit event', async () => {
    const own = await startLab({ without: [] })
    const only = ['K1', 'M1']
    const inventory = parseInventory({ ...bare(own), pace: { requestsPerSecond: 50, requestsPerApi: 100, budget: 500 } })
    await observe(inventory, { only, pace: { requestsPerSecond: 5000 }, signIn: own.signIn })
    await own.close()
    const issued = own.audit.filter(({ event }) => event === 'token_issued')
    expect(issued.map(({ mode }) => mode)).toContain('dpop')
    expect(own.audit.filter(({ event }) => event === 'api_access').map(({ mode }) => mode)).toContain('dpop')
    expect(own.audit.find(({ event }) => event === 'binding_mismatch')).toMatchObject({ rule: 'binding.proof-key-is-named-key' })
    expect(own.audit.find(({ event }) => event === 'dpop_invalid')).toMatchObject({ rule: 'dpop.htm-is-request-method' })
  })

  it('SEED-TB-68: a ticket that names a certificate, sent without one, leaves mtls_missing', async () => {
    const token = await lab.forgeAccessToken({ header: {}, claims: { cnf: { 'x5t#S256': 'A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0' } } })
    const response = await fetch(`${lab.apiUrl}/notes`, { headers: { authorization: `Bearer ${token}` } })
    expect(response.status).toBe(401)
    expect(lab.audit.at(-1)).toMatchObject({ event: 'mtls_missing', rule: 'binding.certificate-comes-along' })
    expect(JSON.stringify(lab.audit)).not.toContain(token)
  })
})

/** The lab's inventory as it was written, with the first client alone. */
function bare({ inventory }: Lab): object {
  const { version, contact, issuers, clients, subjects, apis } = inventory
  return { version, contact, issuers, clients: clients.slice(0, 1), subjects, apis: apis.filter(({ id }) => id === 'notes') }
}

describe('a law without rules', () => {
  const known = new Set<RuleId>(['a.b', 'a.c'])

  it('waives exactly what it was told to, and remembers what it let through', () => {
    const law = lawWithout(['a.b'], known)
    expect([law.waives('a.b'), law.waives('a.c'), law.waives('b.a')]).toEqual([true, false, false])
    expect([...law.waived]).toEqual(['a.b'])
  })

  it('refuses rules that no table has, all at once', () => {
    expect(() => lawWithout(['a.b', 'x.y', 'y.z'], known)).toThrow(new Misuse(['no rule x.y', 'no rule y.z']))
  })

  it('a lab refuses them too', async () => {
    await expect(startLab({ without: ['x.y'] })).rejects.toThrow('no rule x.y')
  })
})

describe('storage without once-only rules', () => {
  it('is the storage itself when none of them is removed', () => {
    const storage = createMemoryStorage()
    expect(storageWithout(storage, ['dpop.htm-is-request-method'])).toBe(storage)
  })

  it('lets a proof be claimed twice, and an assertion still only once', async () => {
    const storage = storageWithout(createMemoryStorage(), ['dpop.jti-is-first-use'])
    expect([await storage.replay.claim('proof', 'x', 20, 10), await storage.replay.claim('proof', 'x', 20, 10)]).toEqual(['first', 'first'])
    const claim = (space: 'proof' | 'assertion') =>
      storage.commit({ issuer: 'https://as.test', writes: [{ write: 'claim-once', space, id: 'x', until: 20 }], audit: [], now: 10 })
    expect([(await claim('proof')).done, (await claim('proof')).done]).toEqual(['committed', 'committed'])
    expect([(await claim('assertion')).done, (await claim('assertion')).done]).toEqual(['committed', 'lost'])
  })
})

describe('reading a form', () => {
  const person = { issuer: 'https://as.test', username: 'lab', password: 'p&q' }

  it('fills in the person and keeps what the page hid', () => {
    const page =
      '<form action="/signin?x=1&amp;y=2" method="post"><input type="hidden" name="form" value="a&quot;b"><input id="username" name="user"><input id="password" name="pass" type="password"><input type="checkbox" name="off"><button id="login-submit" name="go" value="1">x</button></form>'
    const form = readForm(page, 'https://as.test/signin', person)!
    expect(form.action).toBe('https://as.test/signin?x=1&y=2')
    expect([...form.fields]).toEqual([
      ['form', 'a"b'],
      ['user', 'lab'],
      ['pass', 'p&q'],
      ['go', '1'],
    ])
  })

  it('finds none on a page without the two buttons', () => {
    expect(readForm('<form><button id="consent-deny">no</button></form>', 'https://as.test/', person)).toBeUndefined()
  })
})
