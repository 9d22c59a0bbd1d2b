// What contestants over TLS read of the bench: certificates made for it alone.
import { readFileSync } from 'node:fs'
import type { RequestListener } from 'node:http'
import https from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'

export interface MtlsFiles {
  readonly serving: { readonly cert: string; readonly key: string }
  /** PEM. */
  readonly authority: string
}

export function readMtlsFiles(folder: string): MtlsFiles {
  return JSON.parse(readFileSync(join(folder, 'mtls.json'), 'utf8')) as MtlsFiles
}

/** A bare `node:https` server on a free loopback port that asks for certificates, with Node's own choice of everything else. */
export async function listenBareTls({ serving }: MtlsFiles, listener: RequestListener): Promise<number> {
  const options = { ...serving, requestCert: true, rejectUnauthorized: false, keepAliveTimeout: 60_000 }
  const server = https.createServer(options, listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}
