// Checks of the declared types of authorization details: their schemas, and who and what refers to them.
import { compileDetailTypes } from './detail-types.ts'
import type { IssuerConfig } from './schema.ts'

export function checkDetailTypes({ authorizationDetailsTypes, apis, clients }: IssuerConfig): readonly string[] {
  const names = authorizationDetailsTypes.map(({ type }) => type)
  const known = new Set(apis.map(({ identifier }) => identifier))
  const twice = [...new Set(names.filter((name, at) => names.indexOf(name) !== at))]
  return [
    ...twice.map((name) => `authorization details type "${name}" is declared twice`),
    ...compileDetailTypes(authorizationDetailsTypes).mistakes,
    ...authorizationDetailsTypes.flatMap(({ type, apis: own }) =>
      own.filter((api) => !known.has(api)).map((api) => `authorization details type "${type}" has API "${api}", which is not declared`),
    ),
    ...clients.flatMap(({ clientId, authorizationDetailsTypes: own }) =>
      own
        .filter((type) => !names.includes(type))
        .map((type) => `client "${clientId}" has authorization details type "${type}", which is not declared`),
    ),
  ]
}
