// Apache with mod_oauth2, as Debian ships it (liboauth2 1.4.5), in front of files: as its manual says, and as it should not be.
// What is true of it was found with requests written by hand, and in what its library reads.
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { startIssuer } from '../../packages/observer/test/express-apis.ts'
import { freePort } from '../free-port.ts'
import { type KnownPosture, type Running, type Target, type Truth, truth } from '../target.ts'
import { jobInventory } from './job-inventory.ts'
import { asksNoNonce, cannotForge, heldToKeys, oidcProviderTruth, readNowhere } from './known-facts.ts'

export const apacheModules = '/usr/lib/apache2/modules'

/**
 * This version does not know `ath`, reads neither `nbf` nor `exp` of a proof, accepts private and encryption keys, unknown critical
 * extensions, members that stand twice and a missing `jti`; it compares URLs without letter case, and with their query. A proof without `htm` or `htu` ends its process: nobody outside can tell
 * whether that is a refusal.
 */
const checksProofs: Partial<Truth> = {
  broken: ['A1', 'A2', 'H3', 'H5', 'H7', 'T5', 'T6', 'X2', 'X5a', 'X5b', 'X5c', 'X6', 'X7', 'X8'],
  // It has no file `A`, and none `a;x=1`.
  unseen: ['M2', 'H8', 'P2', 'P4'],
}

interface Location {
  readonly id: string
  readonly directives: string
  readonly truth: Truth
}

const dpop = 'OAuth2TokenVerify jwks_uri ISSUER/jwks type=dpop'
const dpopScheme = `${dpop}\n  OAuth2AcceptTokenIn header name=Authorization&type=dpop`
const outside = truth(cannotForge, asksNoNonce)
const strict = truth(outside, checksProofs)
const named = (directives: string, known: Truth): Location[] => ['a', 'b', 'c'].map((id) => ({ id, directives, truth: known }))

interface Setting {
  readonly name: string
  readonly setting: Target['setting']
  readonly locations: readonly Location[]
  readonly posture: KnownPosture
}

/** It remembers used proofs; every location demands a name, and proofs for other tickets pass. */
const overlooked: KnownPosture = { ...heldToKeys, rs_enforced: 'partial', coverage: 'partial_api', replay_protection: 'jti_yes' }

const settings: readonly Setting[] = [
  { name: 'Apache mod_oauth2, type=dpop and the DPoP scheme', setting: 'good', posture: overlooked, locations: named(dpopScheme, strict) },
  // Without OAuth2AcceptTokenIn the token is read from the Bearer scheme, the proof from its own header.
  {
    name: 'Apache mod_oauth2, type=dpop under the Bearer scheme',
    setting: 'bad',
    posture: overlooked,
    locations: named(dpop, truth(strict, { broken: ['B3'] })),
  },
  {
    name: 'Apache mod_oauth2, no type',
    setting: 'bad',
    posture: readNowhere,
    locations: named('OAuth2TokenVerify jwks_uri ISSUER/jwks', truth(outside, { broken: ['B1'] })),
  },
  {
    name: 'Apache mod_oauth2, one location forgotten',
    setting: 'bad',
    posture: { ...overlooked, mode: 'mixed' },
    locations: [
      ...named(dpopScheme, strict).slice(0, 2),
      { id: 'c', directives: 'OAuth2TokenVerify jwks_uri ISSUER/jwks', truth: truth(outside, { broken: ['B1'] }) },
    ],
  },
]

function configOf(folder: string, port: number, locations: readonly Location[], issuer: string): string {
  const load = (name: string, file = name) => `LoadModule ${name}_module ${apacheModules}/mod_${file}.so`
  return [
    `ServerRoot ${folder}`,
    'ServerName 127.0.0.1',
    `Listen 127.0.0.1:${port}`,
    `PidFile ${folder}/pid`,
    `ErrorLog ${folder}/error.log`,
    ...['mpm_event', 'authn_core', 'authz_core', 'authz_user', 'oauth2', 'mime'].map((name) => load(name)),
    'TypesConfig /etc/mime.types',
    `DocumentRoot ${folder}/files`,
    `<Directory ${folder}/files>\n  Require all granted\n  ForceType application/json\n</Directory>`,
    ...locations.map(
      ({ id, directives }) =>
        `<Location /${id}>\n  AuthType oauth2\n  ${directives.replaceAll('ISSUER', issuer)}\n  Require valid-user\n</Location>`,
    ),
  ].join('\n')
}

/** @throws after five seconds without anybody at the port. */
export async function waitForPort(port: number): Promise<void> {
  for (let tries = 0; tries < 50; tries += 1) {
    const open = await new Promise<boolean>((settled) => {
      const socket = connect(port, '127.0.0.1', () => settled(true)).on('error', () => settled(false))
      socket.on('connect', () => socket.destroy())
    })
    if (open) return
    await setTimeout(100)
  }
  throw new Error(`nobody listens on port ${port}`)
}

async function start({ locations, posture }: Setting): Promise<Running> {
  const issuer = await startIssuer()
  const folder = mkdtempSync(join(tmpdir(), 'kimei-apache-'))
  mkdirSync(join(folder, 'files'))
  for (const { id } of locations) writeFileSync(join(folder, 'files', id), JSON.stringify({ notes: [{ id: 1, text: 'a note' }] }))
  const port = await freePort()
  writeFileSync(join(folder, 'apache.conf'), configOf(folder, port, locations, issuer.issuer))
  const server = spawn('apache2', ['-f', join(folder, 'apache.conf'), '-D', 'FOREGROUND'], {
    stdio: 'ignore',
    env: { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin` },
  })
  const ended = new Promise((done) => server.once('exit', done))
  await waitForPort(port)
  return {
    inventory: jobInventory(issuer, Object.fromEntries(locations.map(({ id }) => [id, `http://127.0.0.1:${port}/${id}`]))),
    options: {},
    apis: Object.fromEntries(locations.map(({ id, truth: known }) => [id, known])),
    issuers: { job: oidcProviderTruth },
    posture,
    close: async () => {
      server.kill()
      await ended
      rmSync(folder, { recursive: true, force: true })
      await issuer.close()
    },
  }
}

export const apacheTargets: readonly Target[] = settings.map((setting) => ({
  name: setting.name,
  setting: setting.setting,
  quick: false,
  needs: ['apache2', 'libapache2-mod-oauth2'],
  start: () => start(setting),
}))
