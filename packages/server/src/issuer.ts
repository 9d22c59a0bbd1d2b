// Composes one issuer from its configuration and its storage.
import type { AuditEvent, Law, Seconds } from '@kimei/protocol'
import type { Storage } from '@kimei/storage'
import type { IssuerConfig } from './config/schema.ts'
import type { Connection, ServerContext } from './context.ts'

export interface CreateIssuerOptions {
  readonly config: IssuerConfig
  readonly storage: Storage
  /** Integer seconds; the machine's clock when absent. */
  readonly clock?: () => Seconds
  readonly random?: (bytes: number) => Uint8Array
  /** Only the lab passes another than the whole law. */
  readonly law?: Law
  /** Told every audit event after it was remembered; the JSON-lines sink of `kimei serve` hangs here. */
  readonly onAudit?: (event: AuditEvent) => void
}

export interface IssuerServer {
  readonly context: ServerContext
  /** Answers one request; never rejects. */
  fetch(request: Request, connection?: Connection): Promise<Response>
}

/** Syncs the declared clients, APIs, scopes and users into storage, makes keys at first start. Throws Misuse. */
export type CreateIssuer = (options: CreateIssuerOptions) => Promise<IssuerServer>
