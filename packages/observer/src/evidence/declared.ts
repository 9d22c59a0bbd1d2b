// What documents declare: metadata of issuers and APIs (RFC 8414, RFC 9728). A declaration is compared with what is seen; it proves nothing.
import { Misuse } from '@kimei/protocol'
import type { KnownPlaces } from './place-of.ts'
import { type PassiveReading, type PassiveStatement, reading } from './reading.ts'

export function metadataReading(source: string, document: Readonly<Record<string, unknown>>, places: KnownPlaces): PassiveReading {
  const written = document['issuer'] ?? document['resource']
  if (typeof written !== 'string' || !URL.canParse(written)) throw new Misuse(['it names neither issuer nor resource'])
  const url = new URL(written)
  const token = document['token_endpoint']
  const own = typeof token === 'string' && URL.canParse(token) ? places.idOf('POST', new URL(token)) : undefined
  const at = own ?? places.idOf(undefined, url)
  const isIssuer = 'issuer' in document
  const about = isIssuer ? 'issuance' : 'binding'
  const say = (says: PassiveStatement['says'], name: string): PassiveStatement => ({
    at,
    place: url.origin + url.pathname,
    about,
    says,
    text: { ja: `公表: ${name}`, en: `Published: ${name}` },
  })
  const required = ['dpop_bound_access_tokens_required', 'tls_client_certificate_bound_access_tokens'] as const
  const algorithms = document['dpop_signing_alg_values_supported']
  const statements = [
    ...required
      .filter((name) => document[name] === true)
      .map((name) => say(isIssuer && name !== required[0] ? 'seen' : 'demanded', `${name}: true`)),
    ...(Array.isArray(algorithms) && algorithms.length > 0 ? [say('seen', 'dpop_signing_alg_values_supported')] : []),
  ]
  return reading({
    source,
    kind: 'metadata',
    whole: true,
    read: 1,
    statements,
    notes:
      statements.length > 0
        ? []
        : [
            {
              ja: '縛りについては何も公表していません。使えないとは限りません。',
              en: 'Nothing on binding is published, which does not mean that there is none.',
            },
          ],
  })
}
