// Which holder each client of the switched lab is, and what it needs to be one.
import { type PrivateJwk, proofKeyFrom, randomId, signerFrom, signJwt } from '@kimei/protocol'
import type { LabSecrets } from '../lab-secrets.ts'
import type { PlainBrowser } from '../plain-browser.ts'
import { sender } from '../wire/send.ts'
import type { Tape } from '../wire/tape.ts'
import { scopeOf } from '../world/switched-issuer.ts'
import { apiNames, type ClientName, type SwitchedWorld } from '../world/switches.ts'
import type { WorldCertificates } from '../world/world-certificates.ts'
import { openBearerHolder } from './bearer-holder.ts'
import { openCertificateHolder } from './certificate-holder.ts'
import { type Holder, type HolderParts, openHolder } from './holder.ts'

export interface HolderGround {
  readonly world: SwitchedWorld
  readonly issuer: string
  readonly resource: string
  readonly secrets: LabSecrets
  readonly clock: () => number
  readonly tape: Tape
  readonly browser: PlainBrowser
  readonly certificates: WorldCertificates | undefined
}

const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

/** A holder that is new to the lab. */
export async function openLabHolder(client: ClientName, ground: HolderGround): Promise<Holder> {
  const { world, issuer, resource, secrets, clock, tape, browser, certificates } = ground
  const ca = certificates && { ca: certificates.serving.cert }
  const parts: HolderParts = {
    client,
    issuer,
    resource,
    scopes: apiNames.map(scopeOf),
    clock,
    send: tape.recording('holder', client, sender(ca)),
    async signIn(url) {
      const back = await browser.signIn(url)
      if ('page' in back) throw new Error(`the sign-in ended on a page (${back.status})`)
      return back.redirectedTo
    },
  }
  const bearer = world.mode === 'bearer' || world.unbound.includes(client)
  if (client !== 'api') return bearer ? openBearerHolder(parts) : openHolder(parts)
  if (certificates && world.mode === 'mtls') return openCertificateHolder(parts, certificates, tape)
  const jwk = secrets.jobKey as unknown as PrivateJwk
  const kid = String(secrets.jobKey['kid'])
  if (!bearer) return openHolder({ ...parts, authentication: { method: 'private_key_jwt', key: await proofKeyFrom(jwk, 'ES256'), kid } })
  const signer = await signerFrom(jwk, 'ES256', kid)
  const assertion = async () => {
    const now = clock()
    const jti = randomId(crypto.getRandomValues(new Uint8Array(16)))
    const claims = { iss: client, sub: client, aud: issuer, jti, iat: now, exp: now + 60 }
    return { client_assertion_type: assertionType, client_assertion: await signJwt({ typ: 'client-authentication+jwt' }, claims, signer) }
  }
  return openBearerHolder({ ...parts, assertion })
}
