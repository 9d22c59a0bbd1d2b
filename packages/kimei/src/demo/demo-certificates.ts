// The certificates of the demo in its folder: made at the first start, kept over restarts, renewed at a start before they expire.
// What makes them is loaded only when one has to be made.
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import type { Seconds } from '@kimei/protocol'
import type { CertificatePair } from './demo-authority.ts'
import type { DemoFolder } from './demo-folder.ts'

export interface DemoCertificates {
  /** Whose servers the demo's clients believe. Its key never leaves the folder. */
  readonly authority: CertificatePair
  /** Whose clients the issuer believes. Nor does this one's. */
  readonly clientAuthority: CertificatePair
  /** Of the listener that asks for certificates. */
  readonly listener: CertificatePair
  /** Of the client `demo-machine`. */
  readonly machine: CertificatePair
}

/** The common name by which the issuer knows `demo-machine`. With a space: it is no name of a host. */
export const machineName = 'Demo machine'

/** In the folder. */
export const certificateFiles = {
  authority: { cert: 'demo-ca.pem', key: 'demo-ca.key' },
  clientAuthority: { cert: 'demo-clients-ca.pem', key: 'demo-clients-ca.key' },
  listener: { cert: 'demo-listener.pem', key: 'demo-listener.key' },
  machine: { cert: 'demo-machine.pem', key: 'demo-machine.key' },
} as const

const daySeconds = 86_400
/** An authority must outlive what it certifies. */
const renewBeforeDays = { authority: 120, leaf: 30 }

export async function loadDemoCertificates(folder: DemoFolder, now: Seconds): Promise<DemoCertificates> {
  const top = (name: 'authority' | 'clientAuthority', of: 'servers' | 'clients'): Promise<CertificatePair> =>
    kept(folder, name, {
      isGood: (found) => found.ca && lasts(found, now, renewBeforeDays.authority),
      make: async () => (await import('./demo-authority.ts')).makeAuthority(of, now),
    })
  const [authority, clientAuthority] = [await top('authority', 'servers'), await top('clientAuthority', 'clients')]
  const order = { server: { by: authority, commonName: 'localhost' }, client: { by: clientAuthority, commonName: machineName } }
  const leaf = (name: 'listener' | 'machine', usage: 'server' | 'client'): Promise<CertificatePair> => {
    const { by, commonName } = order[usage]
    const above = new X509Certificate(by.cert)
    return kept(folder, name, {
      isGood: (found) => lasts(found, now, renewBeforeDays.leaf) && found.checkIssued(above) && found.verify(above.publicKey),
      make: async () => (await import('./demo-authority.ts')).issueCertificate(by, { commonName, usage, now }),
    })
  }
  return { authority, clientAuthority, listener: await leaf('listener', 'server'), machine: await leaf('machine', 'client') }
}

interface Keeping {
  readonly isGood: (found: X509Certificate) => boolean
  readonly make: () => Promise<CertificatePair>
}

async function kept(folder: DemoFolder, name: keyof typeof certificateFiles, { isGood, make }: Keeping): Promise<CertificatePair> {
  const files = certificateFiles[name]
  const found = readPair(folder.file(files.cert), folder.file(files.key))
  if (found && isGood(new X509Certificate(found.cert))) return found
  const made = await make()
  folder.write(files.key, made.key)
  folder.write(files.cert, made.cert)
  return made
}

/** `undefined`: one is missing, or they are damaged or do not belong together. */
function readPair(certFile: string, keyFile: string): CertificatePair | undefined {
  if (!existsSync(certFile) || !existsSync(keyFile)) return undefined
  const pair = { cert: readFileSync(certFile, 'utf8'), key: readFileSync(keyFile, 'utf8') }
  try {
    return new X509Certificate(pair.cert).checkPrivateKey(createPrivateKey(pair.key)) ? pair : undefined
  } catch {
    return undefined
  }
}

function lasts({ validFromDate, validToDate }: X509Certificate, now: Seconds, days: number): boolean {
  return validFromDate.getTime() <= now * 1000 && validToDate.getTime() >= (now + days * daySeconds) * 1000
}
