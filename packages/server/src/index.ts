// The issuer in one import: parse a configuration, create the server, listen.

export type { IssuerConfig, IssuerConfigInput } from './config/schema.ts'
export type { Connection, Exchange, Handler, ServerContext } from './context.ts'
export type { CreateIssuerOptions, IssuerServer } from './issuer.ts'
export type { Listening, ListenOptions } from './listen/listen.ts'
