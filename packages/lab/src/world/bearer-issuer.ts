// The issuer as it was before tickets had names: it sees no proofs and speaks of none. A coat around the real one.
import type { FetchApp } from '@kimei/server'

type Connection = NonNullable<Parameters<FetchApp['fetch']>[1]>

/** Members of the metadata that speak of names. */
const members = ['dpop_signing_alg_values_supported', 'tls_client_certificate_bound_access_tokens', 'mtls_endpoint_aliases']

export function withoutProofs(app: FetchApp): FetchApp {
  return {
    async fetch(request, connection) {
      const headers = new Headers(request.headers)
      headers.delete('dpop')
      const seen = new Request(request, { headers })
      const response = await app.fetch(seen, connection && withoutLines(connection))
      return request.url.includes('/.well-known/') && response.ok ? silent(response) : response
    },
  }
}

function withoutLines(connection: Connection): Connection {
  const raw = connection.rawHeaders ?? []
  const lines: string[] = []
  for (let at = 0; at + 1 < raw.length; at += 2) if (raw[at]!.toLowerCase() !== 'dpop') lines.push(raw[at]!, raw[at + 1]!)
  return { ...connection, rawHeaders: lines }
}

async function silent(response: Response): Promise<Response> {
  const document = (await response.json()) as Record<string, unknown>
  for (const member of members) delete document[member]
  const headers = new Headers(response.headers)
  headers.delete('content-length')
  return new Response(JSON.stringify(document), { status: response.status, headers })
}
