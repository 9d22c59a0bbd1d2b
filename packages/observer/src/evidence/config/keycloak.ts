// A Keycloak realm export: which clients get bound tokens, and whether a client policy demands it of all.

import { everyMap, type Lined } from './lined.ts'
import { filledIn, isFilledIn, type Lint, type LintContext, lint, named } from './lint.ts'

export function isRealm(top: Lined): boolean {
  return top.get('realm') !== undefined && (top.get('clients') !== undefined || top.get('accessTokenLifespan') !== undefined)
}

const attributes = ['dpop.bound.access.tokens', 'tls.client.certificate.bound.access.tokens'] as const
/** Keycloak's own clients, which no app of yours is. */
const builtIn = new Set(['account', 'account-console', 'admin-cli', 'broker', 'realm-management', 'security-admin-console'])

export function lintRealm(top: Lined, { at }: LintContext): Lint[] {
  const clients = (top.get('clients')?.items ?? []).filter((client) => !builtIn.has(client.get('clientId')?.text ?? ''))
  const executors = [...everyMap(top)].filter((map) =>
    ['dpop-bind-enforcer', 'holder-of-key-enforcer'].includes(map.get('executor')?.text ?? ''),
  )
  return [
    ...executors.map((map) => {
      const name = map.get('executor')!
      return lint(
        name.line,
        'issuance',
        'seen',
        {
          ja: `client policy の executor ${named(name.text)} があります。どの client に及ぶかは条件しだいです。`,
          en: `There is a client policy executor ${named(name.text)}; its conditions say for which clients.`,
        },
        { at },
      )
    }),
    ...clients.filter(getsTickets).map((client) => lintClient(client, at)),
  ]
}

/** SAML, clients that are turned off, and those that only check tickets, are issued none. */
function getsTickets(client: Lined): boolean {
  const says = (name: string, value: string) => client.get(name)?.text === value
  return (
    !says('bearerOnly', 'true') && !says('enabled', 'false') && (client.get('protocol') === undefined || says('protocol', 'openid-connect'))
  )
}

function lintClient(client: Lined, at: string | undefined): Lint {
  const what = `client ${named(client.get('clientId')?.text)}`
  const open = attributes.find((name) => isFilledIn(client.get('attributes')?.get(name)?.text ?? ''))
  if (open !== undefined) return filledIn(client.get('attributes')!.get(open)!.line, 'issuance', open, { at, what })
  const bound = attributes.map((name) => client.get('attributes')?.get(name)).find((value) => value?.text === 'true')
  return bound
    ? lint(bound.line, 'issuance', 'demanded', { ja: '縛られた切符だけを出します。', en: 'Bound tickets alone are issued.' }, { at, what })
    : lint(
        client.get('clientId')?.line ?? client.line,
        'issuance',
        'optional',
        {
          ja: '縛りは求められていません。証明を添えなければ Bearer の切符が出ます。',
          en: 'Binding is not demanded: without a proof, a bearer ticket is issued.',
        },
        { at, what },
      )
}
