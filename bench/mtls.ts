// `npm run bench -- --mtls`: tickets bound to certificates over TLS, and what a handshake costs, beside bare `node:https`.
// The caller checks the server's certificate in every handshake, and shows its own.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { selfSigned } from 'testkit'
import { craftCertificate } from 'testkit/crafted'
import type { Connecting } from './load.ts'
import { type Contestant, compete, type Figures, type Length, median, ratio } from './rounds.ts'
import { accessTokenFor, api, benchFolder, clientId, writeTokenKey } from './shared.ts'
import { printTable } from './table.ts'

export interface MtlsFigures {
  readonly length: Length
  readonly tokens: readonly Figures[]
  readonly guarded: readonly Figures[]
  readonly handshakes: readonly Figures[]
}

/** A handshake costs many times a request: fewer show as much. */
const handshakeCount = 200
const named = (value: string) => ({ subject: [[{ type: '2.5.4.3', value }]] })

export async function measureMtls(length: Length, tell: (line: string) => void): Promise<MtlsFigures> {
  const folder = benchFolder()
  try {
    const serving = selfSigned('localhost')
    const authority = craftCertificate({ ...named('bench authority'), ca: true })
    const client = craftCertificate({ ...named(clientId), by: authority })
    writeFileSync(join(folder.path, 'mtls.json'), JSON.stringify({ serving, authority: authority.cert }))
    const secret = { ca: serving.cert, cert: client.cert, key: client.key }
    const rows = rowsOf(folder.path, client.x5t, (how) => ({ ...secret, how }))
    return {
      length,
      tokens: await compete(rows.tokens, length, (line) => tell(`tokens: ${line}`)),
      guarded: await compete(rows.guarded, length, (line) => tell(`guarded requests: ${line}`)),
      handshakes: await compete(rows.handshakes, { ...length, count: handshakeCount, warmUp: handshakeCount * 4 }, (line) =>
        tell(`handshakes: ${line}`),
      ),
    }
  } finally {
    folder.remove()
  }
}

function rowsOf(folder: string, x5t: string, tls: (how: Connecting['how']) => Connecting) {
  const signer = writeTokenKey(folder)
  const form = `grant_type=client_credentials&scope=read&client_id=${clientId}`
  const headers = { 'content-type': 'application/x-www-form-urlencoded', 'content-length': String(form.length) }
  const authorization = `Bearer ${accessTokenFor(signer, { 'x5t#S256': x5t })}`
  const host = new URL(api).host
  const shots = {
    token: alike({ method: 'POST', path: '/token', headers, body: form }),
    guard: alike({ method: 'GET', path: '/notes', headers: { authorization, host } }),
    handshake: alike({ method: 'GET', path: '/', headers: {} }),
  }
  const row = (name: string, script: string, kind: keyof typeof shots, how: Connecting['how'] = 'kept'): Contestant => ({
    name,
    script,
    args: [folder],
    connections: 16,
    shots: shots[kind],
    tls: tls(how),
  })
  const handshakes = (how: 'full' | 'resumed') => [
    row(`kimei, ${how}`, 'kimei-mtls-handshake.ts', 'handshake', how),
    row(`floor, bare node:https, ${how}`, 'floor-mtls-handshake.ts', 'handshake', how),
  ]
  return {
    tokens: [row('kimei', 'kimei-mtls-token.ts', 'token'), row('floor, bare node:https', 'floor-mtls-token.ts', 'token')],
    guarded: [row('kimei, bare Node', 'kimei-mtls-guard.ts', 'guard'), row('floor, bare node:https', 'floor-mtls-guard.ts', 'guard')],
    handshakes: [...handshakes('full'), ...handshakes('resumed')],
  }
}

/** Nothing in these requests is used once. */
const alike =
  (shot: ReturnType<Contestant['shots']>[number]): Contestant['shots'] =>
  (_facts, count) =>
    Array.from({ length: count }, () => shot)

export function jsonOfMtls({ tokens, guarded, handshakes }: MtlsFigures): object {
  const pair = ([kimei, floor]: readonly Figures[]) => {
    const [own, least] = [kimei as Figures, floor as Figures]
    const [cpu, perSecond] = [Math.round(median(own.cpuMicros)), Math.round(median(own.perSecond))]
    return { cpu_us: cpu, per_second: perSecond, cpu_vs_floor: Math.round(ratio(own, least) * 100) / 100 }
  }
  return {
    token: pair(tokens),
    guard: pair(guarded),
    full_handshake: pair(handshakes.slice(0, 2)),
    resumed_handshake: pair(handshakes.slice(2)),
  }
}

export function printMtls({ length, tokens, guarded, handshakes }: MtlsFigures): void {
  const floorIn = (all: readonly Figures[]) => (row: Figures) =>
    all.find(({ name }) => name.startsWith('floor') && (!row.name.includes(', resumed') || name.endsWith('resumed')))
  printTable(
    'A certificate-bound JWT by client credentials, tls_client_auth, kept connections (Kimei: SQLite, audit on)',
    tokens,
    floorIn(tokens),
  )
  printTable('A guarded GET with a certificate-bound token, kept connections (Kimei: audit on)', guarded, floorIn(guarded))
  printTable('A handshake with a certificate on both sides, TLS 1.3, and one GET of nothing', handshakes, floorIn(handshakes))
  console.log(
    `\n${length.rounds} rounds of ${length.count} requests after ${length.warmUp} to warm up, medians, ${handshakeCount} of handshakes; 16 of the kept ones open their connection; the caller's share is outside the figures.`,
  )
}
