// Probes of certificates against issuers and APIs that make one mistake each, over real TLS: the verdict, the record, the key.
import { afterEach, describe, expect, it } from 'vitest'
import { makeCertificate, type Observation, observe, renderReport } from '../src/index.ts'
import { type ApiSketch, type IssuerSketch, other, startWorld, type World } from './certificate-world.ts'

const open: World[] = []
afterEach(async () => {
  for (const world of open.splice(0)) await world.close()
})

const pace = { requestsPerSecond: Number.POSITIVE_INFINITY, requestsPerApi: 1000, budget: 10_000 }

async function look(issuer: IssuerSketch, apis: readonly ApiSketch[], more?: object): Promise<Observation> {
  const world = await startWorld(issuer, apis, more)
  open.push(world)
  return observe(world.inventory, { pace, depth: 'full' })
}

const verdictAt = (observation: Observation, probe: string, api = 'api0') =>
  observation.apis.find((one) => one.api === api)?.probes.find((one) => one.probe === probe)?.verdict
const issuerVerdict = ({ issuers }: Observation, probe: string) => issuers[0]!.probes.find((one) => one.probe === probe)?.verdict
const kinds = ({ findings }: Observation) => findings.map(({ kind, priority }) => `${kind} ${priority}`)

const strictIssuer: IssuerSketch = { asks: 'optional', names: 'certificate' }
const strictApi: ApiSketch = { asks: 'optional', checks: 'compares' }

describe('tickets that name a certificate', () => {
  it('SEED-TB-24, SEED-TB-35: both sides ask and compare: everything holds, and the key says mtls', async () => {
    const seen = await look(strictIssuer, [{ ...strictApi, privilege: 'high' }, strictApi, { ...strictApi, privilege: 'low' }])
    expect(seen.bindingKeyPosture).toBe('mtls+yes+yes+all_api+unknown+server+confirmed')
    expect(seen.overall).toBe('named')
    expect(['L0', 'L1', 'L12', 'L2'].map((probe) => issuerVerdict(seen, probe))).toEqual(['holds', 'holds', 'holds', 'holds'])
    expect(['L6', 'L7', 'L9-xfcc', 'L9-client-cert'].map((probe) => verdictAt(seen, probe))).toEqual(['holds', 'holds', 'holds', 'holds'])
    expect(seen.issuers[0]!.tls).toMatchObject({ mode: 'optional' })
    expect(seen.apis[0]!.columns.tlsCertificateRequest).toBe('requested')
    expect(seen.complete).toBe(true)
  })

  it('SEED-TB-35, SEED-TB-60: demanded in TLS itself on both sides', async () => {
    const required = { asks: 'required', checks: 'compares' } as const
    const seen = await look({ asks: 'required', names: 'certificate' }, [{ ...required, privilege: 'high' }, required, required])
    expect(seen.bindingKeyPosture).toBe('mtls+yes+yes+all_api+unknown+server+confirmed')
    const { probes, tls, columns } = seen.apis[0]!
    expect(probes.find(({ probe }) => probe === 'L7')?.answered).toBe('refused (TLS alert 116 certificate_required)')
    expect(tls?.versions.map(({ withoutCertificate }) => withoutCertificate)).toEqual([
      expect.stringMatching(/^TLS alert 40 /),
      'TLS alert 116 certificate_required',
    ])
    expect([tls?.mode, columns.tlsCertificateRequest]).toEqual(['required-in-tls', 'required'])
  })

  it('SEED-TB-37, SEED-TB-60: certificates at the token endpoint, bearer at the API: named, P1 at least, hypothesis C', async () => {
    const bearer = { asks: 'none', checks: 'ignores' } as const
    const seen = await look(strictIssuer, [
      { ...bearer, privilege: 'low' },
      { ...bearer, privilege: 'low' },
      { ...bearer, privilege: 'low' },
    ])
    expect(seen.posture).toMatchObject({ mode: 'mixed', as_enforced: 'yes', rs_enforced: 'no' })
    expect(seen.hypothesis).toBe('C')
    expect(verdictAt(seen, 'L7')).toBe('violated')
    expect(kinds(seen)).toContain('certificate-one-sided P1')
    expect(['P0', 'P1']).toContain(seen.record.action_priority)
    // Where the handshake asks is told place by place.
    expect([seen.issuers[0]!.tls?.mode, seen.apis[0]!.tls?.mode]).toEqual(['optional', 'not-requested'])
  })

  it('SEED-TB-37: certificates at the API, tickets that name nothing: named, and hypothesis C', async () => {
    const sealed: ApiSketch = { asks: 'required', checks: 'compares', takesUnbound: true, privilege: 'low' }
    const seen = await look({ asks: 'none', names: 'nothing' }, [sealed, sealed, sealed])
    expect(seen.posture).toMatchObject({ mode: 'mixed', as_enforced: 'no', rs_enforced: 'no' })
    expect(seen.hypothesis).toBe('C')
    expect(issuerVerdict(seen, 'L12')).toBe('violated')
    expect(kinds(seen)).toContain('certificate-one-sided P1')
    expect([seen.issuers[0]!.tls?.mode, seen.apis[0]!.tls?.mode]).toEqual(['not-requested', 'required-in-tls'])
    // That it demands none is said once, to the issuer, and not again of each of its handshakes.
    expect(kinds(seen)).toContain('certificate-not-required P2')
    expect(kinds(seen).join()).not.toContain('certificate-not-requested')
  })

  it('SEED-TB-60: both sides ask, and the API answers without: optional, rs_enforced=no', async () => {
    const lax = { asks: 'optional', checks: 'ignores' } as const
    const seen = await look(strictIssuer, [lax, lax, lax])
    expect(seen.apis[0]).toMatchObject({
      mode: 'bearer',
      rsRequired: 'no',
      rsEnforced: 'no',
      columns: { tlsCertificateRequest: 'requested' },
    })
    expect(seen.posture.rs_enforced).toBe('no')
  })

  it.each([
    ['any-certificate', 'L6', 'certificate-not-compared'],
    ['believes-header', 'L9-x-ssl', 'certificate-told-by-anybody'],
  ] as const)('an API that does not compare (%s): %s is violated, and nothing is called enforced', async (checks, probe, kind) => {
    const seen = await look(strictIssuer, [{ asks: 'optional', checks }, strictApi, strictApi])
    expect(verdictAt(seen, probe)).toBe('violated')
    expect(seen.apis.find(({ api }) => api === 'api0')).toMatchObject({ rsEnforced: 'no' })
    expect(seen.posture.rs_enforced).toBe('partial')
    expect(kinds(seen).map((one) => one.split(' ')[0])).toContain(kind)
  })

  it('SEED-TB-29: without its certificate the ticket passes at a side door, and exactly that door is found', async () => {
    const sides = ['slash', 'query', 'dpop-scheme', 'cache'] as const
    const seen = await look(strictIssuer, [strictApi, ...sides.map((side) => ({ ...strictApi, side }))])
    const open = (i: number) =>
      seen.apis
        .find(({ api }) => api === `api${i}`)!
        .probes.filter(({ verdict }) => verdict === 'violated')
        .map(({ probe }) => probe)
    // This sketch of an API reads no signatures and counts no headers, at its front neither.
    const loose = ['X4c', 'TK1', 'TK2']
    expect([0, 1, 2, 3].map((i) => open(i).filter((probe) => !loose.includes(probe)))).toEqual([[], ['P1'], ['B4q'], ['L13']])
    expect(verdictAt(seen, 'CA1', 'api0')).toBe('holds')
    const cached = seen.apis.find(({ api }) => api === 'api4')!.probes.find(({ probe }) => probe === 'CA1')
    expect(cached).toMatchObject({
      verdict: 'violated',
      answered: expect.stringMatching(/^accepted; at a URL that no cache knows: refused \(401/),
    })
    const found = ['api1', 'api2', 'api3', 'api4'].map(
      (at) => seen.findings.find((one) => one.at === at && one.kind !== 'ticket-forgeable')?.kind,
    )
    expect(found).toEqual(['side-door', 'side-door', 'certificate-not-needed-elsewhere', 'answer-from-cache'])
    expect(seen.posture).toMatchObject({ rs_enforced: 'partial', coverage: 'partial_api' })
  })

  it('ND: a node is asked by its address, under the name and with the certificate of the API', async () => {
    const world = await startWorld(strictIssuer, [strictApi, { asks: 'optional', checks: 'any-certificate' }])
    open.push(world)
    const { parseInventory } = await import('../src/index.ts')
    const apis = world.input.apis.map((api) => ({ ...api, url: api.url.replace('127.0.0.1', 'localhost'), nodes: ['127.0.0.1'] }))
    const seen = await observe(parseInventory({ ...world.input, apis }), { pace, only: ['ND'] })
    expect([verdictAt(seen, 'ND', 'api0'), verdictAt(seen, 'ND', 'api1')]).toEqual(['holds', 'violated'])
    expect(seen.apis.find(({ api }) => api === 'api1')!.probes.find(({ probe }) => probe === 'ND')?.answered).toBe(
      '127.0.0.1: any key or certificate will do',
    )
  })

  it('where TLS itself demands a certificate, the side doors are tried with another one', async () => {
    const sealed: ApiSketch = { asks: 'required', checks: 'compares', side: 'slash' }
    const seen = await look({ asks: 'required', names: 'certificate' }, [sealed])
    expect([verdictAt(seen, 'P1'), verdictAt(seen, 'B4q')]).toEqual(['violated', 'holds'])
  })

  it('an unbound ticket with a certificate (L8) is partial enforcement', async () => {
    const world = await startWorld(strictIssuer, [{ ...strictApi, takesUnbound: true }, strictApi, strictApi])
    open.push(world)
    const forgeAccessToken = async ({ claims }: { claims: Readonly<Record<string, unknown>> }) => {
      const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
      return `${part({ alg: 'none' })}.${part({ sub: 'machine', ...claims })}.c2ln`
    }
    const seen = await observe(world.inventory, { pace, forgeAccessToken })
    expect(verdictAt(seen, 'L8')).toBe('violated')
    expect(seen.apis.find(({ api }) => api === 'api0')).toMatchObject({ mode: 'mixed', rsEnforced: 'partial' })
    expect(verdictAt(seen, 'L8', 'api1')).toBe('holds')
  })

  it('SEED-TB-24: a ticket that comes without the certificate too: as_enforced=no', async () => {
    const seen = await look({ ...strictIssuer, gives: 'always' }, [strictApi])
    expect(issuerVerdict(seen, 'L2')).toBe('violated')
    expect(seen.issuers[0]).toMatchObject({ asRequired: 'no', asEnforced: 'no' })
    expect(kinds(seen).map((one) => one.split(' ')[0])).toContain('certificate-not-required')
  })

  it('an API that closes without a word where a certificate is missing refuses, since it does so twice', async () => {
    const seen = await look(strictIssuer, [{ ...strictApi, closes: true }])
    expect(verdictAt(seen, 'L7')).toBe('holds')
    expect(seen.apis[0]!.probes.find(({ probe }) => probe === 'L7')?.answered).toBe('refused (closed twice)')
  })

  it('another name in the handshake and sessions of another place are tried only where the inventory names them', async () => {
    const quiet = await look(strictIssuer, [strictApi])
    expect(['L10', 'L11-name', 'L11-address'].map((probe) => verdictAt(quiet, probe))).toEqual(Array(3).fill('not-applicable'))
    const world = await startWorld(strictIssuer, [strictApi])
    open.push(world)
    const tls = {
      otherName: 'other.localhost',
      sessionsApart: `${world.issuer.url}/none`,
      otherAddress: `${world.apis[0]!.url.replace('127.0.0.1', 'localhost')}/notes`,
    }
    const { parseInventory } = await import('../src/index.ts')
    const asked = await observe(parseInventory({ ...world.input, apis: [{ ...world.input.apis[0]!, tls }] }), { pace, depth: 'full' })
    expect(['L10', 'L11-name', 'L11-address'].map((probe) => verdictAt(asked, probe))).toEqual(['holds', 'holds', 'holds'])
  })

  it('a session that began where other certificates are trusted, and counts here: L10 is violated', async () => {
    // Two places of one listener: the session of one is a session of the other, and the API looks at nothing else.
    const world = await startWorld(strictIssuer, [strictApi])
    open.push(world)
    const tls = { sessionsApart: `${world.apis[0]!.url}/elsewhere` }
    const { parseInventory } = await import('../src/index.ts')
    const seen = await observe(parseInventory({ ...world.input, apis: [{ ...world.input.apis[0]!, tls }] }), { pace, depth: 'full' })
    expect(verdictAt(seen, 'L10')).toBe('violated')
    expect(seen.evidence.some(({ tls: shown }) => shown?.resumed === true && shown.certificate === 'none')).toBe(true)
  })

  it('without another certificate of the authority L6 is not asked, and enforcement stays open', async () => {
    const world = await startWorld(strictIssuer, [strictApi, strictApi, strictApi])
    open.push(world)
    const { otherCertificate: _other, ...client } = world.input.clients[0]!
    const { parseInventory } = await import('../src/index.ts')
    const seen = await observe(parseInventory({ ...world.input, clients: [client] }), { pace })
    expect(verdictAt(seen, 'L6')).toBe('not-applicable')
    expect(seen.apis[0]).toMatchObject({ mode: 'mtls', rsRequired: 'yes', rsEnforced: 'unknown' })
    expect(seen.posture.rs_enforced).toBe('unknown')
  })

  it('a server that nobody known certifies gets no request and no certificate', async () => {
    const world = await startWorld(strictIssuer, [strictApi])
    open.push(world)
    const { parseInventory } = await import('../src/index.ts')
    const stranger = makeCertificate({ name: 'somebody' })
    const seen = await observe(parseInventory({ ...world.input, authorities: [stranger.cert] }), { pace })
    expect(seen.issuers[0]).toMatchObject({ mode: 'unknown', asEnforced: 'unknown', tls: { mode: 'not-observable' } })
    expect(seen.apis[0]).toMatchObject({ baseline: 'failed', rsEnforced: 'unknown' })
  })

  it('no report holds a private key, and each format tells what the handshakes showed', async () => {
    const seen = await look(strictIssuer, [strictApi])
    for (const format of ['text', 'json', 'html', 'har', 'markdown'] as const) {
      const report = renderReport(seen, format, { language: 'en' })
      expect(report).not.toContain('PRIVATE KEY')
      expect(report).not.toContain(other.key.split('\n')[1]!)
    }
    expect(renderReport(seen, 'text', { language: 'en', detail: true })).toContain('asks for a client certificate, and answers without one')
    expect(renderReport(seen, 'html', { language: 'ja' })).toContain('クライアント証明書を求めるが、なくても応答する')
    expect(renderReport(seen, 'json', {})).toContain('"CN=Acme authority"')
  })
})
