// kimei observe --full --wait: controls that take time. Two APIs forget used proofs long before these end, which only shows after some
// seconds; the patience that was given is of the whole run, and lasts for one of them.
import { readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createGuard, type GuardDeps } from '@kimei/guard'
import { guardNode } from '@kimei/guard/node'
import type { Observation } from '@kimei/observer'
import { createMemoryStorage } from '@kimei/storage/memory'
import { startIndependentIssuer } from 'testkit'
import { describe, expect, it, onTestFinished } from 'vitest'
import { emptyFolder, kimei } from './run-kimei.ts'

const audience = 'https://api.test/'
const secret = 'a secret of two hundred and fifty-six bits'
/** For how long a proof passes, and for how long its use is remembered. */
const [windowSeconds, memorySeconds] = [12, 7]

/** Remembers too shortly, and rightly in all else. */
function forgetful(): GuardDeps['replay'] {
  const { replay } = createMemoryStorage()
  return { ...replay, claim: (space, id, _until, now) => replay.claim(space, id, now + memorySeconds, now) }
}

async function openApi(issuer: string): Promise<string> {
  const server = createServer()
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  onTestFinished(() => void server.close().closeAllConnections())
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const guard = createGuard(
    {
      issuer,
      resource: audience,
      baseUrls: [origin],
      accessTokens: { algorithms: ['RS256'] },
      dpop: { pastSeconds: windowSeconds, futureSeconds: 2 },
      routes: [{ path: '/notes', policy: 'required', scopes: ['read'] }],
    },
    {
      replay: forgetful(),
      clock: () => Math.floor(Date.now() / 1000),
      random: (bytes) => crypto.getRandomValues(new Uint8Array(bytes)),
      audit: () => undefined,
    },
  )
  server.on(
    'request',
    guardNode(guard, (_request, response) => void response.setHeader('Content-Type', 'application/json').end('{"notes":[]}')),
  )
  return `${origin}/notes`
}

/** A folder with the inventory of an issuer and its two forgetful APIs. */
async function openHouse(): Promise<string> {
  const cwd = emptyFolder()
  const issuer = await startIndependentIssuer({
    clients: [
      {
        client_id: 'job',
        client_secret: secret,
        grant_types: ['client_credentials'],
        response_types: [],
        redirect_uris: [],
        token_endpoint_auth_method: 'client_secret_basic',
        dpop_bound_access_tokens: true,
      },
    ],
    resources: { [audience]: 'read' },
  })
  onTestFinished(issuer.close)
  const [first, second] = [await openApi(issuer.issuer), await openApi(issuer.issuer)]
  writeFileSync(
    join(cwd, 'inventory.yaml'),
    `version: 1
contact: tests@example.com
issuers: [{ id: main, url: "${issuer.issuer}", tokenEndpoint: "${issuer.issuer}/token", claims: dpop }]
clients:
  - id: job
    clientId: job
    kind: server
    authentication: { method: client_secret_basic, secret: ${secret} }
    ticket: { from: client-credentials, scope: read, resource: "${audience}" }
apis:
  - { id: first, url: "${first}", privilege: high }
  - { id: second, url: "${second}", privilege: mid }
pace: { requestsPerSecond: 50, requestsPerApi: 400, budget: 4000 }
`,
  )
  return cwd
}

async function observed(...flags: string[]) {
  const cwd = await openHouse()
  const { code, out, err } = await kimei(['observe', 'inventory.yaml', '--full', '--detail', '--report', 'seen.json', ...flags], { cwd })
  const seen = JSON.parse(readFileSync(join(cwd, 'seen.json'), 'utf8')) as Observation
  const atEdge = (id: string) => seen.apis.find(({ api }) => api === id)!.probes.find(({ probe }) => probe === 'R3')!
  return { code, out, err, seen, atEdge }
}

describe('kimei observe --full', { timeout: 180_000 }, () => {
  it('SEED-TB-26: without --wait nobody waits: what a memory forgets in time is not seen', async () => {
    const { seen, atEdge } = await observed()
    expect([atEdge('first').verdict, atEdge('second').verdict]).toEqual(['holds', 'holds'])
    expect(seen.findings.map(({ kind }) => kind)).not.toContain('replay-accepted')
  })

  it('SEED-TB-26: with --wait the same proof passes again before it has ended: P1, and the exit code says that there are findings', async () => {
    const { code, out, seen, atEdge } = await observed('--wait', '12')
    expect(atEdge('first').verdict).toBe('violated')
    // Twelve seconds in all: they do not last for a second time.
    expect(atEdge('second').verdict).toBe('holds')
    const found = seen.findings.filter(({ kind }) => kind === 'replay-accepted')
    expect(found.map(({ at, priority, tier }) => [at, priority, tier])).toEqual([['first', 'P1', 'confirmed']])
    // The two uses lie apart by what was waited: more than is remembered, less than a proof lives.
    const uses = seen.evidence.filter(({ id, role }) => atEdge('first').evidence.includes(id) && role.startsWith('R3, 0 s'))
    expect(uses).toHaveLength(2)
    expect(uses[1]!.at - uses[0]!.at).toBeGreaterThan(memorySeconds)
    expect(uses.map(({ response }) => response.status)).toEqual([200, 200])
    expect(code).toBe(1)
    expect(out).toContain('R3')
  })

  it('--wait that nothing could use is refused before anything is sent', async () => {
    const cwd = await openHouse()
    const refused = await kimei(['observe', 'inventory.yaml', '--wait', '12'], { cwd })
    expect([refused.code, refused.err]).toEqual([3, expect.stringContaining('--wait goes with --full or --only')])
    const unread = await kimei(['observe', 'inventory.yaml', '--full', '--wait', 'soon'], { cwd })
    expect([unread.code, unread.err]).toEqual([3, expect.stringContaining('--wait takes seconds, up to 9999')])
  })
})
