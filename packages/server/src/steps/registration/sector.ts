// sector_identifier_uri (OpenID Connect Registration §5): its list must hold every redirect URI. Fetched through the guarded fetcher.
import { type Broken, broke, type ClientMetadata, isBroken, must, registrationRules } from '@kimei/protocol'
import type { Exchange, ServerContext } from '../../context.ts'

export async function checkSector(context: ServerContext, exchange: Exchange, metadata: ClientMetadata): Promise<Broken | undefined> {
  const { sector_identifier_uri: uri, redirect_uris: redirects } = metadata
  if (uri === undefined) return undefined
  const fetched = await context.outbound.get(uri, {
    purpose: 'sector identifier',
    accept: ['application/json'],
    mostBytes: 65_536,
    seconds: 5,
    exchange,
  })
  if (isBroken(fetched)) return { ...fetched, family: 'client-metadata' }
  const listed = readList(fetched.text)
  if (!listed) return broke(registrationRules, 'registration.sector-is-readable')
  const missing = redirects.filter((one) => !listed.includes(one))
  return must(registrationRules, 'registration.sector-lists-redirects', missing.length === 0, context.law, () => ({
    expected: 'every redirect URI',
    received: missing,
  }))
}

function readList(text: string): readonly unknown[] | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return Array.isArray(value) ? value : undefined
  } catch {
    return undefined
  }
}
