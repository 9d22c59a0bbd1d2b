// AS4: from when a code is bound to the key of its ticket, at issuers that demand a key of every push and at issuers that need not:
// ours under the atproto profile, with and without its rule, and as it is otherwise; and oidc-provider, in two policies.
import type { Law, RuleId } from '@kimei/protocol'
import { hashPassword } from '@kimei/server'
import { type IndependentIssuerOptions, startIndependentIssuer, walk } from 'testkit'
import { kitPassword, startCodeKit, walkForms } from 'testkit/code'
import type { IssuerKitOptions } from 'testkit/issuer'
import { describe, expect, it, onTestFinished } from 'vitest'
import { boundFrom, codeBindingWords } from '../src/code-binding.ts'
import { type InventoryInput, parseInventory } from '../src/inventory/inventory.ts'
import { type CodeFacts, codeBindingOf, demandTable } from '../src/judgement/code-binding.ts'
import { decide } from '../src/judgement/decision-table.ts'
import type { Observation, SignInAnswer, Verdict } from '../src/observation.ts'
import { probesAt } from '../src/probes/index.ts'
import { renderHtml } from '../src/report/html/page.ts'
import { observationSchema } from '../src/report/schema.ts'
import { renderText } from '../src/report/text.ts'
import { observe } from '../src/run/observe.ts'
import { planObservation } from '../src/run/plan.ts'
import { appMetadata } from './app-house.ts'
import { audience, operations, quick } from './express-apis.ts'
import { result } from './records.ts'

const redirectUri = 'http://127.0.0.1:49152/callback'
const everything: readonly string[] = []
const only = ['AS1', 'AS2', 'AS4-proven-other']

interface House {
  readonly url: string
  readonly client: InventoryInput['clients'][number]
  readonly signIn: (url: string) => Promise<URL>
}

const inventoryOf = ({ url, client }: Pick<House, 'url' | 'client'>) =>
  parseInventory({
    version: 1,
    contact: 'tests@example.com',
    issuers: [{ id: 'main', url, tokenEndpoint: `${url}/token`, claims: 'dpop' }],
    clients: [client],
    subjects: ['user-1', 'user-hanako', 'did:plc:ewvi7nxzyoun6zhxrhs64oiz'],
    apis: [{ id: 'none', url: `${url}/none`, privilege: 'low' }],
    operations,
  })

async function observed(house: House, probes: readonly string[] = only): Promise<Observation> {
  const signIn = async (url: string): Promise<SignInAnswer> => {
    try {
      return { redirectedTo: (await house.signIn(url)).href }
    } catch (error) {
      return { page: String(error), status: Number(/(?:answered|consent:) (\d+)/.exec(String(error))?.[1]) }
    }
  }
  return observe(inventoryOf(house), { pace: quick, signIn, ...(probes === everything ? { depth: 'full' } : { only: probes }) })
}

/** Ours. Without the profile it demands that requests are pushed, and no key of them. */
async function startOurs(profile: 'atproto' | 'oauth21', without: readonly RuleId[] = [], demandedBy = 'issuer'): Promise<House> {
  const law: Law = { waives: (id) => without.includes(id) }
  const users = [{ username: 'hanako', subject: 'did:plc:ewvi7nxzyoun6zhxrhs64oiz', passwordHash: await hashPassword(kitPassword) }]
  const config: IssuerKitOptions['config'] =
    profile === 'atproto' ? { profile, clients: [], users } : { requirePushedAuthorizationRequests: demandedBy === 'issuer' }
  const kit = await startCodeKit({
    law,
    config,
    extend: (written) =>
      demandedBy === 'issuer'
        ? written
        : { ...written, clients: written.clients?.map((client) => ({ ...client, requirePushedAuthorizationRequests: true })) },
  })
  onTestFinished(kit.close)
  const clientId =
    profile === 'atproto' ? `http://localhost?${new URLSearchParams({ redirect_uri: redirectUri, scope: 'atproto notes:read' })}` : 'cli'
  const scope = profile === 'atproto' ? 'atproto notes:read' : 'notes:read'
  return {
    url: kit.issuer,
    client: { id: 'app', clientId, kind: 'mobile', ticket: { from: 'sign-in', redirectUri, scope } },
    signIn: async (url) => (await walkForms(kit, url)).landed,
  }
}

async function startTheirs(options: Pick<IndependentIssuerOptions, 'pushes' | 'requireNonce'>, bound = true): Promise<House> {
  const { issuer, close } = await startIndependentIssuer({
    clients: [appMetadata(redirectUri, { bound })],
    resources: { [audience]: 'read' },
    ...options,
  })
  onTestFinished(close)
  return {
    url: issuer,
    client: { id: 'app', clientId: 'app', kind: 'mobile', ticket: { from: 'sign-in', redirectUri, scope: 'read', resource: audience } },
    signIn: (url) => walk(url, redirectUri),
  }
}

/** Lines joined again: what is looked for may be broken anywhere. */
const textOf = (seen: Observation, language: 'ja' | 'en') => renderText(seen, { language }).replace(/\n\s+/g, language === 'en' ? ' ' : '')
const codesOf = ({ issuers }: Observation) => issuers[0]!.codes
const verdictOf = ({ issuers }: Observation, id: string) => issuers[0]!.probes.find(({ probe }) => probe === id)?.verdict

describe('an issuer that demands a key of every push', { timeout: 120_000 }, () => {
  it('ATP-DPOP-01 DPOP-10.1-01: ours under atproto demands a proof, and keeps the code to its key', async () => {
    const seen = await observed(await startOurs('atproto'))
    expect(codesOf(seen)).toMatchObject({ demands: 'proof', keeps: 'yes' })
    expect(seen.issuers[0]).toMatchObject({ mode: 'dpop' })
    expect(verdictOf(seen, 'AS4-proven-other')).toBe('holds')
    expect(textOf(seen, 'en')).toContain('bound to the key from the request on ')
    expect(textOf(seen, 'ja')).toContain('申請のときから鍵に縛られる')
  })

  it('PAR-6-01: an issuer that takes pushes alone is asked everything, like any other: nothing is wrong with ours', async () => {
    const seen = await observed(await startOurs('atproto'), everything)
    const [record] = seen.issuers
    expect(record!.declared).toMatchObject({ require_pushed_authorization_requests: true })
    expect(record!.probes.filter(({ verdict }) => verdict === 'violated').map(({ probe }) => probe)).toEqual([])
    const told = ['AS2', 'AZ-redirect-other', 'AS4-twice', 'RD-wrong-verifier', 'RD-announced-other', 'RF-other-key', 'RF-rotated']
    expect(told.map((id) => [id, verdictOf(seen, id)])).toEqual(told.map((id) => [id, 'holds']))
    // A push cannot be sent as two clients, and a request by the browser would be refused for what it is.
    expect(record!.probes.find(({ probe }) => probe === 'AZ-client-twice')).toMatchObject({
      verdict: 'inconclusive',
      reason: 'only pushed requests are taken here',
    })
  })

  it('PAR-6-01: nor need anybody know that they are demanded of this client alone', async () => {
    const seen = await observed(await startOurs('oauth21', [], 'client'))
    expect(seen.issuers[0]!.declared).not.toHaveProperty('require_pushed_authorization_requests', true)
    expect(seen.issuers[0]).toMatchObject({ mode: 'dpop', codes: { demands: 'nothing', keeps: 'yes' } })
    expect(seen.issuers[0]!.takesDirectRequests).toBeUndefined()
  })

  it('PAR-6-01: where pushes are published as demanded and a request by the browser is taken, the two contradict each other', async () => {
    const seen = await observed(await startOurs('oauth21', ['authorize.request-is-pushed']))
    expect(seen.contradictions).toContainEqual(
      expect.objectContaining({ at: 'main', by: 'metadata', declared: 'require_pushed_authorization_requests=true' }),
    )
    expect(seen.findings.filter(({ owner }) => owner === 'AS')).toEqual([])
    const kept = await observed(await startOurs('oauth21'))
    expect(kept.contradictions).toEqual([])
  })

  it('who cannot be signed in at all is tried both ways twice, and then one way', async () => {
    const house = await startOurs('oauth21', [], 'client')
    const opened: string[] = []
    const seen = await observed(
      {
        ...house,
        signIn: async (url) => {
          opened.push(new URL(url).searchParams.has('request_uri') ? 'pushed' : 'direct')
          throw new Error('the page answered 503')
        },
      },
      ['AS1', 'AS2', 'AZ-redirect-other', 'RD-wrong-verifier', 'RF-rotated'],
    )
    expect(opened.slice(0, 4)).toEqual(['direct', 'pushed', 'direct', 'pushed'])
    expect(new Set(opened.slice(4))).toEqual(new Set(['direct']))
    expect(seen.issuers[0]!.probes.filter(({ verdict }) => verdict === 'holds' || verdict === 'violated')).toEqual([])
  })

  it('oidc-provider with such a policy takes dpop_jkt alone as well', async () => {
    const seen = await observed(await startTheirs({ pushes: 'demanded-with-key' }))
    expect(codesOf(seen)).toMatchObject({ demands: 'key', keeps: 'yes' })
  })
})

describe('an issuer that demands none', { timeout: 120_000 }, () => {
  it('ours under atproto without its rule: the policy is gone, and that is no finding', async () => {
    const seen = await observed(await startOurs('atproto', ['profile.push-is-proven']))
    expect(codesOf(seen)).toMatchObject({ demands: 'nothing', keeps: 'yes' })
    expect(seen.findings.filter(({ owner }) => owner === 'AS')).toEqual([])
    expect(seen.contradictions).toEqual([])
  })

  it('ours otherwise, and oidc-provider, with and without nonces: bound from the request on where it names a key; nothing is wrong', async () => {
    for (const house of [await startOurs('oauth21'), await startTheirs({}), await startTheirs({ requireNonce: true })]) {
      const seen = await observed(house)
      expect(codesOf(seen)).toMatchObject({ demands: 'nothing', keeps: 'yes' })
      expect(codesOf(seen)!.evidence.length).toBeGreaterThan(5)
      expect(seen.findings.filter(({ owner }) => owner === 'AS')).toEqual([])
      expect(observationSchema.safeParse(JSON.parse(JSON.stringify(seen))).error).toBeUndefined()
      expect(renderHtml(seen, { language: 'ja' })).toContain('使うときに初めて鍵に縛られる')
    }
  })

  it('that takes pushes alone, and bearer tickets: that an unbound one is to be had is seen, since no push names a key unasked', async () => {
    const seen = await observed(await startTheirs({ pushes: 'demanded' }, false))
    expect(codesOf(seen)).toMatchObject({ demands: 'nothing', keeps: 'yes' })
    expect(verdictOf(seen, 'AS2')).toBe('violated')
    expect(seen.issuers[0]).toMatchObject({ mode: 'dpop', asRequired: 'no', asEnforced: 'no' })
  })

  it('where a request by the browser led to a ticket, pushes are not asked about any more', async () => {
    const house = await startTheirs({})
    const seen = await observed(house, ['AS1', 'RD-announced-unproven', 'RD-announced-other', 'AS4-proven-other'])
    expect(codesOf(seen)).toMatchObject({ demands: 'nothing', keeps: 'yes' })
    expect(seen.evidence.filter(({ role }) => role.startsWith('AS4-unnamed'))).toEqual([])
  })
})

const forgotten: readonly RuleId[] = ['dpop.key-is-the-announced-one', 'par.proof-names-the-key']
it.each(forgotten)(
  'DPOP-10.1-01: a code that is not kept to the key of its push is a finding: without %s',
  { timeout: 120_000 },
  async (rule) => {
    const seen = await observed(await startOurs('oauth21', [rule]))
    expect(verdictOf(seen, 'AS4-proven-other')).toBe('violated')
    expect(codesOf(seen)).toMatchObject({ demands: 'nothing', keeps: 'no' })
    expect(seen.findings).toContainEqual(expect.objectContaining({ owner: 'AS', priority: 'P1', probes: ['AS4-proven-other'] }))
    expect(textOf(seen, 'en')).toContain('bound to a key only when redeemed')
  },
)

describe('what is concluded', () => {
  const answers = ['accepted', 'refused', 'unknown'] as const

  it('every combination of answers is decided, and nothing is demanded where anything was accepted without a key', () => {
    for (const direct of ['accepted', 'unknown'] as const)
      for (const unnamed of answers)
        for (const keyAlone of answers) {
          const facts: CodeFacts = { direct, unnamed, keyAlone }
          const { so } = decide(demandTable, facts)
          if (direct === 'accepted' || unnamed === 'accepted') expect(so).toBe('nothing')
          else if (unnamed === 'unknown') expect(so).toBe('unknown')
          else expect(so).toBe(keyAlone === 'refused' ? 'proof' : 'key')
        }
  })

  it('bound from the start is said only where a key is demanded and kept to', () => {
    for (const demands of ['proof', 'key', 'nothing', 'unknown'] as const)
      for (const keeps of ['yes', 'no', 'unknown'] as const) {
        const from = boundFrom({ demands, keeps })
        expect(from === 'request').toBe((demands === 'proof' || demands === 'key') && keeps === 'yes')
        if (keeps === 'no') expect(from).toBe('redemption')
        expect(codeBindingWords({ demands, keeps, evidence: [] }) === undefined).toBe(from === 'unknown')
      }
  })

  it('what was not judged says nothing, and one broken keeper is enough', () => {
    const probes = (one: Verdict, other: Verdict) => [result('AS4-proven-other', one), result('RD-announced-other', other)]
    expect(codeBindingOf(probes('inconclusive', 'not-applicable'), [])).toBeUndefined()
    expect(codeBindingOf(probes('holds', 'violated'), [])).toMatchObject({ keeps: 'no', demands: 'nothing' })
    expect(codeBindingOf(probes('holds', 'inconclusive'), [])).toMatchObject({ keeps: 'yes', demands: 'unknown' })
  })
})

it('the questions are no probes: no list, count or verdict has them, and the plan tells that they are asked', async () => {
  const ids = probesAt('pushed-code').map(({ id }) => id)
  expect(ids).toEqual(['AS4-proven-other'])
  const app = { id: 'app', clientId: 'app', kind: 'mobile', ticket: { from: 'sign-in', redirectUri, scope: 'read' } } as const
  const { steps } = planObservation(inventoryOf({ url: 'http://127.0.0.1:9', client: app }), { depth: 'full' })
  expect(steps.filter(({ probe }) => probe === 'AS4-unnamed')).toHaveLength(1)
})
