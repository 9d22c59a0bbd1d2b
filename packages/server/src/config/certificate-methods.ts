// Clients that authenticate by certificate (RFC 8705 §2): how one is declared, and what the issuer must have for them.
import { X509Certificate } from 'node:crypto'
import { getCACertificates } from 'node:tls'
import { type ClientAuthMethod, clientAuthMethods, type ExpectedSubject, profiles } from '@kimei/protocol'
import { z } from 'zod'
import { readPemCertificates } from './pem-certificates.ts'
import type { IssuerConfig } from './schema.ts'

const kinds = {
  subjectDn: z.string().describe('The whole subject, as RFC 4514 writes it: CN=job,O=Example,C=JP.'),
  sanDns: z.string().describe('A DNS name among its alternative names; a wildcard stands for itself.'),
  sanUri: z.string().describe('A URI among its alternative names, exactly.'),
  sanIp: z.string().describe('An address among its alternative names.'),
  sanEmail: z.string().describe('A mail address among its alternative names.'),
}
type Kind = keyof typeof kinds

/** Of one client. */
export const clientCertificateShape = {
  tlsClientAuth: z
    .strictObject({
      subjectDn: kinds.subjectDn.optional(),
      sanDns: kinds.sanDns.optional(),
      sanUri: kinds.sanUri.optional(),
      sanIp: kinds.sanIp.optional(),
      sanEmail: kinds.sanEmail.optional(),
    })
    .refine((given) => Object.values(given).filter((value) => value !== undefined).length === 1, {
      message: `exactly one of ${Object.keys(kinds).join(', ')}`,
    })
    .transform((given): ExpectedSubject => {
      const [kind, value] = Object.entries(given).find(([, one]) => one !== undefined) as [Kind, string]
      return { [kind]: value } as unknown as ExpectedSubject
    })
    .optional()
    .describe('Of tls_client_auth: the one name that its certificate must have (RFC 8705 §2.1.2).'),
}

/** How clients may authenticate by certificate here; empty where nobody is asked for one. */
export function certificateMethods({ mtls, profile }: Pick<IssuerConfig, 'mtls' | 'profile'>): readonly ClientAuthMethod[] {
  if (mtls === undefined) return []
  return Object.values(clientAuthMethods).flatMap(({ name, certificate }) =>
    certificate && isPossible(name, mtls) && (profiles[profile].clientAuthentication?.includes(name) ?? true) ? [name] : [],
  )
}

/** Somebody must vouch for names; who registers a certificate vouches for itself. */
const isPossible = (method: ClientAuthMethod, { trustAnchors }: NonNullable<IssuerConfig['mtls']>): boolean =>
  method !== 'tls_client_auth' || trustAnchors.length > 0

export const isByCertificate = (method: ClientAuthMethod | undefined): boolean =>
  method !== undefined && clientAuthMethods[method].certificate === true

/** Everything that is wrong; empty when nothing is. */
export function checkCertificateMethods(config: IssuerConfig): readonly string[] {
  const { clients, registration, mtls } = config
  const open = registration.mode !== 'closed' && { who: 'registration.policy', methods: registration.policy.authentication }
  const declared = clients.map(({ clientId, authentication }) => ({
    who: `client "${clientId}"`,
    methods: authentication ? [authentication] : [],
  }))
  const said = [...declared, ...(open ? [open] : [])].flatMap(({ who, methods }) => {
    if (!methods.some(isByCertificate)) return []
    if (!mtls) return [`${who} has authentication by certificate, but mtls is not configured: nobody is ever asked for one`]
    const unvouched = methods.includes('tls_client_auth') && !isPossible('tls_client_auth', mtls)
    return unvouched ? [`${who} has tls_client_auth, but mtls.trustAnchors names no authority: no certificate could be trusted`] : []
  })
  return [...said, ...checkBindings(config), ...checkAnchors(mtls?.trustAnchors ?? []), ...checkPublicAnchors(mtls)]
}

/** Whoever must show a certificate must be asked for one. */
function checkBindings({ clients, registration, clientIdMetadataDocuments: documents, mtls }: IssuerConfig): readonly string[] {
  if (mtls) return []
  const all = [
    ...clients.map(({ clientId, binding }) => ({ who: `client "${clientId}"`, binding })),
    ...(registration.mode === 'closed' ? [] : [{ who: 'registration.policy', binding: registration.policy.binding }]),
    ...(documents.enabled ? [{ who: 'clientIdMetadataDocuments', binding: documents.binding }] : []),
  ]
  return all
    .filter(({ binding }) => binding !== 'required' && binding.kind === 'required' && binding.by !== 'key')
    .map(({ who }) => `${who} has tokens bound to certificates, but mtls is not configured: nobody is ever asked for one`)
}

/** RFC 8705 §7.4: a small set of its own. Whoever browsers trust certifies the whole world. */
function checkPublicAnchors(mtls: IssuerConfig['mtls']): readonly string[] {
  if (!mtls || mtls.trustAnchors.length === 0 || mtls.dangerouslyTrustPublicAuthorities) return []
  const ofTheWeb = new Set(getCACertificates('bundled').map((pem) => new X509Certificate(pem).fingerprint256))
  return mtls.trustAnchors.flatMap((pem, at) =>
    (readPemCertificates(pem) ?? [])
      .filter(({ fingerprint256 }) => ofTheWeb.has(fingerprint256))
      .map(
        ({ subject }) =>
          `mtls.trustAnchors[${at}] holds "${subject.replaceAll('\n', ', ')}", which certifies the whole web: name authorities of your own`,
      ),
  )
}

function checkAnchors(trustAnchors: readonly string[]): readonly string[] {
  return trustAnchors.flatMap((pem, at) => {
    const certificates = readPemCertificates(pem)
    if (!certificates) return [`mtls.trustAnchors[${at}] is no certificate that can be read`]
    const others = certificates.filter(({ ca }) => !ca).map(({ subject }) => subject.replaceAll('\n', ', '))
    return others.map(
      (subject) => `mtls.trustAnchors[${at}] holds the certificate of "${subject}", which is no authority (RFC 5280 4.2.1.9)`,
    )
  })
}
