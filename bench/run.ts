// `npm run bench [-- --quick --json --issuers --mtls]`: Kimei beside its peers and a bare floor, in one run on one machine.
// Figures are CPU per request of the server's process; ratios are taken within each round.
import { parseArgs } from 'node:util'
import { measureIssuers, printIssuers } from './issuers.ts'
import { jsonOfMtls, measureMtls, printMtls } from './mtls.ts'
import { type Contestant, compete, type Figures, type Length, median, ratio } from './rounds.ts'
import * as shared from './shared.ts'
import { measureStart, type StartFigures } from './start.ts'
import { printTable } from './table.ts'

const { values: options } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    issuers: { type: 'boolean', default: false },
    mtls: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})
if (options.help) {
  console.log(`npm run bench [-- --quick --json --issuers --mtls]

  --quick   fewer and shorter rounds, under a minute: for a look, not for a figure to publish
  --json    only the figures, as JSON
  --issuers only what 10,000 issuers cost beside one, at the start and in memory
  --mtls    only tickets bound to certificates over TLS, and handshakes`)
  process.exit(0)
}

const length: Length = options.quick ? { rounds: 5, count: 500, warmUp: 4000 } : { rounds: 31, count: 700, warmUp: 12_600 }
const tell = (line: string) => {
  if (!options.json && process.stderr.isTTY) process.stderr.write(`\r\x1b[K${line}`)
}

if (options.issuers) {
  const figures = await measureIssuers([1, 10_000], options.quick ? 2 : 7, tell)
  tell('')
  if (options.json) console.log(JSON.stringify(figures))
  else printIssuers(figures)
  process.exit(0)
}

if (options.mtls) {
  const figures = await measureMtls(length, tell)
  tell('')
  if (options.json) console.log(JSON.stringify(jsonOfMtls(figures)))
  else printMtls(figures)
  process.exit(0)
}

const folder = shared.benchFolder()
const signer = shared.writeTokenKey(folder.path)

function tokenShots(): Contestant['shots'] {
  const key = shared.ecKey()
  const form = 'grant_type=client_credentials&scope=read'
  return (facts, size) =>
    Array.from({ length: size }, () => ({
      method: 'POST',
      path: '/token',
      headers: {
        authorization: shared.basic,
        'content-type': 'application/x-www-form-urlencoded',
        'content-length': String(form.length),
        dpop: shared.proof(key, 'POST', facts.tokenEndpoint as string),
      },
      body: form,
    }))
}

/** The same number of requests, spread over so many holders, each with a key and a token of its own. */
function guardShots(holders: number): Contestant['shots'] {
  const tickets = Array.from({ length: holders }, () => {
    const key = shared.ecKey()
    return { key, token: shared.accessToken(signer, key) }
  })
  return (_facts, size) =>
    Array.from({ length: size }, (_, index) => {
      const { key, token } = tickets[index % holders] as (typeof tickets)[number]
      const dpop = shared.proof(key, 'GET', `${shared.api}notes`, token)
      return { method: 'GET', path: '/notes', headers: { authorization: `DPoP ${token}`, dpop, host: new URL(shared.api).host } }
    })
}

const args = [folder.path]
const one = guardShots(1)
const many = guardShots(1000)
const token = (name: string, script: string, connections: number): Contestant => ({ name, script, args, connections, shots: tokenShots() })
const guard = (name: string, script: string, shots: Contestant['shots'], connections: number, ...more: string[]): Contestant => ({
  name,
  script,
  args: [...args, ...more],
  connections,
  shots,
})

const tokenRows = [
  token('kimei', 'kimei-token.ts', 16),
  token('floor, bare node:http', 'floor-token.ts', 16),
  token('oidc-provider', 'peer-token.ts', 16),
  token('kimei', 'kimei-token.ts', 1),
  token('floor, bare node:http', 'floor-token.ts', 1),
]
const guardRows = [
  guard('kimei, bare Node, 1 key', 'kimei-guard.ts', one, 16, 'node', 'memory'),
  guard('floor, bare node:http, 1 key', 'floor-guard.ts', one, 16),
  guard('express-oauth2-jwt-bearer, 1 key', 'peer-guard.ts', one, 16),
  guard('kimei, bare Node, 1,000 keys', 'kimei-guard.ts', many, 16, 'node', 'memory'),
  guard('floor, bare node:http, 1,000 keys', 'floor-guard.ts', many, 16),
  guard('express-oauth2-jwt-bearer, 1,000 keys', 'peer-guard.ts', many, 16),
  guard('kimei, Hono, 1 key', 'kimei-guard.ts', one, 16, 'hono', 'memory'),
  guard('kimei, SQLite replay, 1 key', 'kimei-guard.ts', one, 16, 'node', 'sqlite'),
  guard('kimei, bare Node, 1 key', 'kimei-guard.ts', one, 1, 'node', 'memory'),
  guard('floor, bare node:http, 1 key', 'floor-guard.ts', one, 1),
]

function goal(text: string, value: number, limit: number, digits = 2): string {
  return `  ${value <= limit ? 'met    ' : 'not met'}  ${text.padEnd(58)}${value.toFixed(digits).padStart(8)}  goal ≤ ${limit}`
}

try {
  const tokens = await compete(tokenRows, length, (line) => tell(`tokens: ${line}`))
  const guarded = await compete(guardRows, length, (line) => tell(`guarded requests: ${line}`))
  const start: StartFigures = await measureStart(options.quick ? 2 : 7, (line) => tell(`start: ${line}`))
  tell('')
  const [kimeiToken, floorToken, peerToken] = tokens as [Figures, Figures, Figures]
  const [kimeiGuard, floorGuard, peerGuard, kimeiMany, floorMany, peerMany] = guarded as [
    Figures,
    Figures,
    Figures,
    Figures,
    Figures,
    Figures,
  ]
  const result = {
    token: {
      cpu_us: Math.round(median(kimeiToken.cpuMicros)),
      cpu_vs_floor: round(ratio(kimeiToken, floorToken)),
      cpu_vs_oidc_provider: round(ratio(kimeiToken, peerToken)),
    },
    guard: {
      cpu_us: Math.round(median(kimeiGuard.cpuMicros)),
      cpu_vs_floor: round(ratio(kimeiGuard, floorGuard)),
      cpu_vs_peer: round(ratio(kimeiGuard, peerGuard)),
    },
    start: { ready_ms: Math.round(start.readyMs), idle_rss_mb: Math.round(start.idleRssMb) },
  }
  if (options.json) console.log(JSON.stringify(result))
  else {
    printTable('A DPoP-bound JWT access token by client credentials (Kimei: SQLite, audit on)', tokens, (row) =>
      tokens.find((other) => other.name.startsWith('floor') && other.connections === row.connections),
    )
    printTable('A guarded GET with DPoP and replay protection (Kimei: audit on)', guarded, (row) =>
      guarded.find(
        (other) =>
          other.name.startsWith('floor') &&
          other.connections === row.connections &&
          other.name.endsWith('1,000 keys') === row.name.endsWith('1,000 keys'),
      ),
    )
    console.log(`\nThe packed install: ready in ${start.readyMs.toFixed(0)} ms, ${start.idleRssMb.toFixed(0)} MB when idle\n`)
    console.log(goal('token: CPU against the floor', result.token.cpu_vs_floor, 1.5))
    console.log(goal('token: CPU against oidc-provider', result.token.cpu_vs_oidc_provider, 0.6))
    console.log(goal('guarded GET: CPU against the floor, 1 key', result.guard.cpu_vs_floor, 1.3))
    console.log(goal('guarded GET: CPU against express-oauth2-jwt-bearer, 1 key', result.guard.cpu_vs_peer, 0.5))
    console.log(goal('guarded GET: CPU against the floor, 1,000 keys', round(ratio(kimeiMany, floorMany)), 1.3))
    console.log(goal('guarded GET: CPU against the peer, 1,000 keys', round(ratio(kimeiMany, peerMany)), 0.5))
    console.log(goal('start: milliseconds until ready', start.readyMs, 500, 0))
    console.log(goal('start: megabytes when idle', start.idleRssMb, 120, 0))
    console.log(
      `\n${length.rounds} rounds of ${length.count} requests after ${length.warmUp} to warm up, medians; proofs are made by the load generator, outside the figures.`,
    )
  }
} finally {
  folder.remove()
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}
