// What an issuer publishes, read against OAuth 2.1. A declaration that is missing is no pass.
import type { Published } from '../metadata.ts'
import { type CheckName, line, type ReadinessLine } from './checks.ts'

export function declaredLines({ members, evidence }: Published): ReadinessLine[] {
  if (Object.keys(members).length === 0)
    return (['implicit-not-declared', 'password-not-declared', 'pkce-s256-declared', 'iss-declared'] as const).map((check) =>
      line(check, 'not-observable', 'no metadata was read', evidence),
    )
  const iss = members['authorization_response_iss_parameter_supported'] === true
  const methods = names(members['code_challenge_methods_supported'])
  const types = names(members['response_types_supported'])
  const grants = names(members['grant_types_supported'])
  // The name of the grant says nothing: OpenID Connect calls ID tokens alone `implicit`, too.
  const tokens = (types ?? []).filter((type) => type.split(' ').includes('token'))
  const judged = (check: CheckName, known: boolean, good: boolean, seen: string) =>
    line(check, known ? (good ? 'ready' : 'not-ready') : 'not-observable', seen, evidence)
  return [
    judged('implicit-not-declared', types !== undefined, tokens.length === 0, tokens.join(', ') || shown(types)),
    // RFC 8414 §2: left out means authorization_code and implicit, so no password.
    judged('password-not-declared', true, !grants?.includes('password'), shown(grants)),
    judged('pkce-s256-declared', true, methods?.includes('S256') === true && !methods.includes('plain'), shown(methods)),
    judged('iss-declared', true, iss, iss ? 'true' : 'not published'),
  ]
}

function names(value: unknown): readonly string[] | undefined {
  return Array.isArray(value) ? value.filter((entry): entry is string => typeof entry === 'string') : undefined
}

const shown = (list: readonly string[] | undefined): string => (list === undefined ? 'not published' : list.join(', '))
