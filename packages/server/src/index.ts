// The issuer in one import: parse a configuration, create the server, listen. Only re-exports.
export { hashPassword } from './accounts/passwords.ts'
export { jsonLines } from './audit/json-lines.ts'
export { issuerJsonSchema, parseIssuerConfig } from './config/parse-config.ts'
export type { IssuerConfig, IssuerConfigInput } from './config/schema.ts'
export type { Connection, Exchange, Handler, ServerContext } from './context.ts'
export { type CreateIssuerOptions, createIssuer, type IssuerServer, rotateIssuerKeys } from './issuer.ts'
export { namesOf, unroutable } from './issuers/issuer-names.ts'
export { type CreateIssuersOptions, createIssuers, type IssuerSource, type IssuersServer } from './issuers/issuers.ts'
export type { Rotation } from './keys/key-shelf.ts'
export {
  type FetchApp,
  type Listening,
  type ListenOptions,
  type ListenSocketOptions,
  listen,
  listenSocket,
  nodeListener,
} from './listen/listen.ts'
