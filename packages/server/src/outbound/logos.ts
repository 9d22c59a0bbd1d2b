// Logos of clients: fetched by the issuer, so that nobody's browser calls on a client before its person agreed to anything.
// Kept within bounds; one that cannot be had is asked for again only after a while.
import { type BoundedMemory, type Broken, boundedMemory, broke, isBroken, outboundRules, type Seconds } from '@kimei/protocol'
import type { Exchange } from '../context.ts'
import type { FetchedBytes, Outbound } from './contract.ts'
import { freshSeconds } from './fresh-seconds.ts'

export interface Logo {
  readonly mediaType: string
  readonly bytes: Uint8Array<ArrayBuffer>
}

export interface Logos {
  /** `undefined`: there is none to be had; the reason was audited. */
  logoAt(url: string, exchange: Exchange): Promise<Logo | undefined>
}

const mostBytes = 131_072
const mostLogos = 200
const keep = { least: 60, usual: 3600, most: 86_400 }
const cooldownSeconds = 60

/** First bytes of the kinds that cannot hold script. */
const kinds: Readonly<Record<string, (bytes: Buffer) => boolean>> = {
  'image/png': (bytes) => bytes.subarray(0, 8).equals(Buffer.from('89504e470d0a1a0a', 'hex')),
  'image/jpeg': (bytes) => bytes.subarray(0, 3).equals(Buffer.from('ffd8ff', 'hex')),
  'image/gif': (bytes) => ['GIF87a', 'GIF89a'].includes(bytes.subarray(0, 6).toString('latin1')),
  'image/webp': (bytes) => bytes.subarray(0, 4).toString('latin1') === 'RIFF' && bytes.subarray(8, 12).toString('latin1') === 'WEBP',
}

interface Entry {
  readonly logo: Logo | undefined
  readonly until: Seconds
}

export interface LogoParts {
  readonly outbound: Outbound
  /** Remembers why a picture was refused. */
  readonly refused: (broken: Broken, url: string, exchange: Exchange) => Promise<void>
}

export function makeLogos({ outbound, refused }: LogoParts): Logos {
  const known: BoundedMemory<Entry> = boundedMemory(mostLogos)
  const underWay = new Map<string, Promise<Entry>>()
  const fetchLogo = async (url: string, exchange: Exchange): Promise<Entry> => {
    const fetched = await outbound.getBytes(url, { purpose: 'logo', accept: Object.keys(kinds), mostBytes, seconds: 5, exchange })
    const logo = isBroken(fetched) ? undefined : readLogo(fetched)
    if (!isBroken(fetched) && logo === undefined) await refused(broke(outboundRules, 'outbound.picture-is-what-it-says'), url, exchange)
    const lasts = logo && !isBroken(fetched) ? freshSeconds(fetched.headers, keep) : cooldownSeconds
    const entry = { logo, until: exchange.now + lasts }
    known.set(url, entry)
    return entry
  }
  return {
    async logoAt(url, exchange) {
      const kept = known.get(url)
      if (kept && exchange.now < kept.until) return kept.logo
      const started = underWay.get(url) ?? fetchLogo(url, exchange).finally(() => underWay.delete(url))
      underWay.set(url, started)
      return (await started).logo
    },
  }
}

function readLogo({ mediaType, bytes }: FetchedBytes): Logo | undefined {
  return kinds[mediaType]?.(Buffer.from(bytes)) ? { mediaType, bytes: new Uint8Array(bytes) } : undefined
}
