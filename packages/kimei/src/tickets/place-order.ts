// What `kimei token` was asked for, filled up from what `kimei dev` left for its own issuer.
import { join, resolve } from 'node:path'
import { UsageError } from '../command/command.ts'
import { type Defaults, readDefaults } from '../demo/demo-files.ts'
import { type CertificatePlace, type CertificateValues, placeOfCertificate } from './certificate-place.ts'
import { type ClientSecretPlace, placeOfSecret, sortKeyFiles } from './client-secret.ts'
import type { TicketOrder } from './wallet.ts'

export interface OrderValues extends CertificateValues {
  readonly issuer?: string | undefined
  readonly client?: string | undefined
  readonly scope?: string | undefined
  readonly resource?: readonly string[] | undefined
  readonly key?: readonly string[] | undefined
  readonly 'secret-env'?: string | undefined
  readonly bind?: string | undefined
  readonly grant?: string | undefined
  readonly device: boolean
}

/** @throws UsageError for what is missing or does not go together. */
export function placeOrder(values: OrderValues, wallet: string): TicketOrder {
  const known = readDefaults(wallet)
  const issuer = values.issuer ?? known?.issuer
  if (issuer === undefined) throw new UsageError('--issuer is missing: name the issuer, or start kimei dev in this folder')
  if (!URL.canParse(issuer)) throw new UsageError(`--issuer "${issuer}" is not a URL`)
  const defaults = known?.issuer === issuer ? known : undefined
  const proof = placeOfProof(values, defaults, wallet)
  const { secret, machine } = proof
  const grant = grantOf(values, secret)
  const ownClient = values.client === undefined && secret.kind === 'none'
  const clientId = values.client ?? (ownClient ? defaults?.clientId : undefined)
  if (clientId === undefined) throw new UsageError('--client is missing: the id under which the issuer knows you')
  const usual = machine ? machine.scopes : ownClient && defaults ? defaults.scopes : grant === 'code' ? ['openid'] : []
  const scopes = values.scope?.split(' ').filter((one) => one !== '') ?? usual
  const resources = values.resource ?? (machine ? [machine.resource] : (defaults?.resources ?? []))
  return { issuer, clientId, grant, scopes, resources, secret, ...lineOf(values, proof.certificate) }
}

interface Proof {
  readonly secret: ClientSecretPlace
  readonly certificate?: CertificatePlace
  /** The demo's machine, whose files lie in the folder. */
  readonly machine?: NonNullable<Defaults['machine']>
}

function placeOfProof(values: OrderValues, defaults: Defaults | undefined, wallet: string): Proof {
  const { jwkFile, pemFile } = sortKeyFiles(values.key ?? [])
  const given = placeOfCertificate(values, pemFile)
  const stated = placeOfSecret(jwkFile, values['secret-env'])
  const { machine } = defaults ?? {}
  const isMachine = machine !== undefined && values.client === machine.clientId && !given && stated.kind === 'none'
  const certificate = isMachine ? machineFiles(machine, wallet) : given
  const secret = certificate && stated.kind === 'none' ? ({ kind: 'certificate' } as const) : stated
  return { secret, ...(certificate && { certificate }), ...(isMachine && { machine }) }
}

function machineFiles({ certFile, keyFile, caFile }: NonNullable<Defaults['machine']>, wallet: string): CertificatePlace {
  const values = { cert: join(wallet, certFile), ca: join(wallet, caFile) }
  return placeOfCertificate(values, join(wallet, keyFile))!
}

function grantOf(values: OrderValues, secret: ClientSecretPlace): TicketOrder['grant'] {
  const grant = values.grant ?? (secret.kind === 'none' || values.device ? 'code' : 'client-credentials')
  if (values.device && grant !== 'code') throw new UsageError('--device signs a person in: it does not go with --grant client-credentials')
  if (grant !== 'code' && grant !== 'client-credentials') throw new UsageError(`--grant "${grant}" is neither code nor client-credentials`)
  return grant
}

type Line = Pick<TicketOrder, 'certificate' | 'binding' | 'caFile'>

function lineOf({ bind, ca }: OrderValues, certificate: CertificatePlace | undefined): Line {
  if (bind !== undefined && bind !== 'key' && bind !== 'certificate' && bind !== 'both') {
    throw new UsageError(`--bind "${bind}" is neither key, certificate nor both`)
  }
  if (certificate) return { certificate, binding: bind ?? 'certificate' }
  if (bind !== undefined && bind !== 'key') throw new UsageError(`--bind ${bind} needs a certificate: --cert and --key, or --pkcs12`)
  return ca === undefined ? {} : { caFile: resolve(ca) }
}
