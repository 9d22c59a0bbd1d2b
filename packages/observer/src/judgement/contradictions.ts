// What is declared beside what was seen: the owner's word in the inventory and published metadata never confirm anything,
// and where they say another thing than the observation, that is worth a line of its own.
import type { Text } from '@kimei/protocol'
import type { Inventory } from '../inventory/inventory.ts'
import type { ApiRecord, Contradiction, IssuerRecord } from '../observation.ts'

export function contradictionsOf(
  inventory: Inventory,
  issuers: readonly IssuerRecord[],
  apis: readonly ApiRecord[],
): readonly Contradiction[] {
  return [
    ...issuers.flatMap((record) => [
      ...issuerClaim(inventory, record),
      ...issuerMetadata(inventory, record),
      ...pushesAlone(inventory, record),
    ]),
    ...apis.flatMap((record) => [...apiClaim(inventory, record), ...apiMetadata(record)]),
  ]
}

function issuerClaim(inventory: Inventory, record: IssuerRecord): Contradiction[] {
  const entry = inventory.issuers.find(({ url }) => url === record.issuer)
  if (entry === undefined || entry.claims === 'unknown' || record.mode === 'unknown' || record.mode === entry.claims) return []
  return [
    {
      at: entry.id,
      client: record.client,
      by: 'inventory',
      declared: entry.claims,
      observed: record.mode,
      text: {
        ja: `持ち主は「${entry.claims}」と言っていますが、出てきた切符は「${record.mode}」でした。`,
        en: `The owner says ${entry.claims}; the ticket that was issued is ${record.mode}.`,
      },
      evidence: record.evidence.slice(0, 5),
    },
  ]
}

function issuerMetadata(inventory: Inventory, record: IssuerRecord): Contradiction[] {
  const at = inventory.issuers.find(({ url }) => url === record.issuer)?.id ?? record.issuer
  const told = (declared: string, observed: string, text: Text, probe: string): Contradiction => ({
    at,
    client: record.client,
    by: 'metadata',
    declared,
    observed,
    text,
    evidence: record.probes.find((one) => one.probe === probe)?.evidence ?? [],
  })
  const violated = (id: string) => record.probes.some(({ probe, verdict }) => probe === id && verdict === 'violated')
  const { declared } = record
  const algorithms = declared['dpop_signing_alg_values_supported']
  return [
    ...(Array.isArray(algorithms) && algorithms.length > 0 && violated('AS1')
      ? [
          told(
            'dpop_signing_alg_values_supported',
            'as_enforced=no',
            {
              ja: 'DPoP に対応すると公表していますが、証明を添えても無記名の切符が出ました。',
              en: 'DPoP is published as supported; with a proof, an unbound ticket was issued.',
            },
            'AS1',
          ),
        ]
      : []),
    ...(declared['tls_client_certificate_bound_access_tokens'] === true && violated('L12')
      ? [
          told(
            'tls_client_certificate_bound_access_tokens=true',
            'as_enforced=no',
            {
              ja: '切符を証明書に縛れると公表していますが、証明書を見せても縛られていない切符が出ました。',
              en: 'Tickets bound to certificates are published as supported; with a certificate, one that names none was issued.',
            },
            'L12',
          ),
        ]
      : []),
    ...(declared['dpop_bound_access_tokens_required'] === true && record.asRequired === 'no'
      ? [
          told(
            'dpop_bound_access_tokens_required=true',
            'as_required=no',
            {
              ja: '切符は必ず鍵に縛ると公表していますが、証明がなくても切符が出ました。',
              en: 'Bound tickets are published as required; without a proof, a ticket was issued.',
            },
            'AS2',
          ),
        ]
      : []),
  ]
}

/** RFC 9126 §5: what is published of pushed requests, beside a sign-in whose request came by the browser. */
function pushesAlone(inventory: Inventory, { issuer, client, declared, takesDirectRequests, probes }: IssuerRecord): Contradiction[] {
  if (declared['require_pushed_authorization_requests'] !== true || !takesDirectRequests) return []
  return [
    {
      at: inventory.issuers.find(({ url }) => url === issuer)?.id ?? issuer,
      client,
      by: 'metadata',
      declared: 'require_pushed_authorization_requests=true',
      observed: 'a request that was not pushed',
      text: {
        ja: '預けた申請しか受け取らないと公表していますが、ブラウザからの申請でコードが出ました。',
        en: 'Pushed requests alone are published as taken; a request by the browser led to a code.',
      },
      evidence: probes.find(({ probe }) => probe === 'AZ-redirect-other')?.evidence ?? [],
    },
  ]
}

const open = (record: ApiRecord): boolean => record.rsEnforced === 'no' || record.rsEnforced === 'partial'

function apiClaim(inventory: Inventory, record: ApiRecord): Contradiction[] {
  const entry = inventory.apis.find(({ id }) => id === record.api)
  const claims = inventory.issuers.find(({ id }) => id === entry?.issuer)?.claims ?? 'unknown'
  if ((claims !== 'dpop' && claims !== 'mtls') || !open(record)) return []
  return [
    {
      at: record.api,
      client: record.client,
      by: 'inventory',
      declared: claims,
      observed: `rs_enforced=${record.rsEnforced}`,
      text: {
        ja: `持ち主は「${claims}」と言っていますが、この API は鍵のない切符も受け取りました。`,
        en: `The owner says ${claims}; this API took a ticket without its key.`,
      },
      evidence: record.probes.filter(({ verdict }) => verdict === 'violated').flatMap(({ evidence }) => evidence),
    },
  ]
}

const apiDeclarations = ['dpop_bound_access_tokens_required', 'tls_client_certificate_bound_access_tokens'] as const

function apiMetadata(record: ApiRecord): Contradiction[] {
  const said = apiDeclarations.filter((name) => record.declared[name] === true)
  if (said.length === 0 || !open(record)) return []
  return said.map((name) => ({
    at: record.api,
    client: record.client,
    by: 'metadata',
    declared: `${name}=true`,
    observed: `rs_enforced=${record.rsEnforced}`,
    text: {
      ja: '公表では必須ですが、鍵のない切符も通りました。',
      en: 'Published as required; a ticket passed without its key.',
    },
    evidence: record.probes.filter(({ verdict }) => verdict === 'violated').flatMap(({ evidence }) => evidence),
  }))
}
