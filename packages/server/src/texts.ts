// The words of configuration, found by scope and by API.
import type { Text } from '@kimei/protocol'
import { builtInScopes } from './config/built-in-scopes.ts'
import type { IssuerConfig } from './config/schema.ts'
import type { Texts } from './context.ts'

export function textsOf(config: IssuerConfig): Texts {
  const scopes = new Map<string, Text>([...builtInScopes, ...config.scopes].map((scope) => [scope.scope, scope.description]))
  const apis = new Map<string, Text>(config.apis.map((api) => [api.identifier, api.name]))
  const details = new Map(config.authorizationDetailsTypes.map((one) => [one.type, one]))
  return {
    languages: ['ja', 'en'],
    issuerName: config.name,
    scope: (scope) => scopes.get(scope),
    resource: (resource) => apis.get(resource),
    detailType: (type) => details.get(type),
  }
}
