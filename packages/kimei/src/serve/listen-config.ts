// Where `kimei serve` listens: plainly or over TLS, for clients with certificates, on a Unix socket. Schema, and what contradicts itself.
import { resolve } from 'node:path'
import type { IssuerConfig } from '@kimei/server'
import { z } from 'zod'
import { checkCertificateFiles } from './certificate-files.ts'

const certFile = z.string().min(1).describe('PEM file from the folder of this file: the certificate, and after it those of its issuers.')
const keyFile = z.string().min(1).describe('PEM file of its key.')
const port = z.int().min(0).max(65_535)

export const listenSchema = z
  .strictObject({
    host: z.string().min(1).default('127.0.0.1').describe('Address to listen on.'),
    port: port.default(4444),
    tls: z
      .strictObject({ certFile, keyFile })
      .optional()
      .describe('Speak TLS here. Files that change are read again, at once with SIGHUP.'),
    tlsEndsAtProxy: z
      .boolean()
      .default(false)
      .describe('True where a TLS proxy of yours stands in front: needed to listen beyond loopback without listen.tls.'),
    mtls: z
      .strictObject({
        host: z.string().min(1).default('127.0.0.1').describe('Address to listen on.'),
        port: port.default(4443),
        certFile,
        keyFile,
      })
      .optional()
      .describe('A second listener, for clients with certificates: it asks each for one. Its URL is mtls.url.'),
    socket: z
      .strictObject({
        path: z.string().min(1).describe('From the folder of this file.'),
        access: z.enum(['owner', 'group']).default('owner').describe('Who may open it: mode 0600 or 0660.'),
      })
      .optional()
      .describe('A Unix socket instead of host and port, for a TLS terminator on this machine.'),
  })
  .prefault({})

export type ListenFile = z.output<typeof listenSchema>

/** `folder`: where relative paths begin. Everything that is wrong. */
export function checkListening(listen: ListenFile, folder: string, issuers: readonly IssuerConfig[] | undefined): readonly string[] {
  const { host, tls, mtls, socket, tlsEndsAtProxy } = listen
  const said: string[] = []
  if (!isLoopback(host) && !tlsEndsAtProxy && !tls && !socket)
    said.push(
      `listen.host "${host}" is reachable by others, and this port speaks plain HTTP: give it listen.tls, or put a TLS proxy in front and say listen.tlsEndsAtProxy: true`,
    )
  if (tls && tlsEndsAtProxy) said.push('listen.tls and listen.tlsEndsAtProxy exclude each other: TLS ends in one place')
  if (tls && socket) said.push('listen.tls and listen.socket exclude each other: a terminator stands before the socket')
  if (mtls && mtls.port !== 0 && mtls.port === listen.port && mtls.host === host && !socket)
    said.push(`listen.mtls has the port of listen, ${mtls.port}: browsers would be asked for certificates`)
  const files = (of: NonNullable<ListenFile['tls']>) => ({ certFile: resolve(folder, of.certFile), keyFile: resolve(folder, of.keyFile) })
  const one = issuers?.length === 1 ? issuers[0] : undefined
  if (tls) said.push(...checkCertificateFiles('listen.tls', files(tls), one && new URL(one.issuer).hostname))
  if (mtls) said.push(...checkCertificateFiles('listen.mtls', files(mtls), one?.mtls && new URL(one.mtls.url).hostname))
  return issuers ? [...said, ...checkAgainst(listen, issuers)] : said
}

/** What is declared must have a door, and a door somebody behind it. */
function checkAgainst({ mtls, socket }: ListenFile, issuers: readonly IssuerConfig[]): readonly string[] {
  const declared = issuers.flatMap((issuer) => (issuer.mtls ? [issuer.mtls] : []))
  const here = declared.filter(({ certificates }) => certificates.from === 'connection')
  const proven = declared.filter(({ certificates }) => hopOf(certificates) === 'mutual-tls')
  if (mtls && here.length + proven.length === 0) return ['listen.mtls: no issuer says mtls.url with certificates from the connection']
  const said: string[] = []
  if (!mtls) {
    said.push(...here.map(({ url }) => `mtls.url "${url}" is declared, and nothing listens for it: add listen.mtls`))
    said.push(
      ...proven.map(({ url }) => `the terminator of mtls.url "${url}" shows a certificate of its own: add listen.mtls, which asks for one`),
    )
  }
  for (const { url, certificates } of declared) {
    const by = hopOf(certificates)
    if (by === 'unix-socket' && !socket)
      said.push(`the terminator of mtls.url "${url}" comes by unix-socket, but listen.socket is not there`)
    if ((by === 'shared-secret' || by === 'address') && socket)
      said.push(`mtls.certificates.hop is by ${by}, but on listen.socket nobody has an address: unix-socket`)
  }
  return said
}

const hopOf = (certificates: NonNullable<IssuerConfig['mtls']>['certificates']) =>
  certificates.from === 'header' ? certificates.hop.by : undefined

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)
}
