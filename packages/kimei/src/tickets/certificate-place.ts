// Where a client's certificate is, and what opens it: the order remembers places and the thumbprint, never a key or a password.
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { type CertificateFiles, openCertificate, type ShownCertificate } from '@kimei/client/node'
import { UsageError } from '../command/command.ts'

export interface CertificatePlace {
  readonly files: { readonly certFile: string; readonly keyFile: string } | { readonly pkcs12File: string }
  readonly caFile?: string
  readonly password?: { readonly env: string } | { readonly file: string }
}

export const certificateFlags = {
  cert: { type: 'string' },
  key: { type: 'string', multiple: true },
  pkcs12: { type: 'string' },
  ca: { type: 'string' },
  'password-env': { type: 'string' },
  'password-file': { type: 'string' },
} as const

export const certificateHelp = `  --cert <file>        certificate (PEM) to show on TLS connections
  --key <file>         its key (PEM)
  --pkcs12 <file>      both in one PKCS#12 file
  --password-env <n>   what opens key or file stands in that variable,
  --password-file <f>  or in that file: never on the command line
  --ca <file>          authorities (PEM) whose servers are believed, no others`

export interface CertificateValues {
  readonly cert?: string | undefined
  readonly pkcs12?: string | undefined
  readonly ca?: string | undefined
  readonly 'password-env'?: string | undefined
  readonly 'password-file'?: string | undefined
}

/** `keyFile`: that of the certificate. `undefined`: none was named. @throws UsageError for what does not go together. */
export function placeOfCertificate(values: CertificateValues, keyFile: string | undefined): CertificatePlace | undefined {
  const { cert, pkcs12, ca, 'password-env': env, 'password-file': file } = values
  if (cert !== undefined && pkcs12 !== undefined) throw new UsageError('--cert and --pkcs12 exclude each other')
  if (pkcs12 !== undefined && keyFile !== undefined) throw new UsageError('--pkcs12 holds its key itself: leave out --key')
  if (cert !== undefined && keyFile === undefined) throw new UsageError('--cert needs --key: the PEM file of its key')
  if (env !== undefined && file !== undefined) throw new UsageError('--password-env and --password-file exclude each other')
  if (cert === undefined && pkcs12 === undefined) {
    if (keyFile !== undefined) throw new UsageError(`--key ${keyFile} is the key of a certificate: name that with --cert`)
    if (env !== undefined || file !== undefined) throw new UsageError('a password opens --key or --pkcs12: name one')
    return undefined
  }
  return {
    files: pkcs12 === undefined ? { certFile: resolve(cert!), keyFile: resolve(keyFile!) } : { pkcs12File: resolve(pkcs12) },
    ...(ca !== undefined && { caFile: resolve(ca) }),
    ...(env !== undefined && { password: { env } }),
    ...(file !== undefined && { password: { file: resolve(file) } }),
  }
}

/** @throws HolderError where it cannot be used, UsageError where the password is not at its place. */
export function openPlace(place: CertificatePlace): ShownCertificate {
  return openCertificate(filesOf(place))
}

export function filesOf({ files, caFile, password }: CertificatePlace): CertificateFiles {
  return { ...files, ...(caFile !== undefined && { caFile }), ...(password && { password: readPassword(password) }) }
}

/** A file may end with a line break, as editors leave it. */
function readPassword(place: NonNullable<CertificatePlace['password']>): string {
  if ('env' in place) {
    const password = process.env[place.env]
    if (password === undefined) throw new UsageError(`the environment variable ${place.env} is not set: put the password there`)
    return password
  }
  try {
    return readFileSync(place.file, 'utf8').replace(/\r?\n$/, '')
  } catch {
    throw new UsageError(`there is no password file ${place.file}`)
  }
}
