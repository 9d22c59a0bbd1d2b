// Serves one fetch-style app on a TCP port.
import type { Connection } from '../context.ts'

/** Anything that answers a web-standard request: the issuer, or a demo app. */
export interface FetchApp {
  fetch(request: Request, connection?: Connection): Response | Promise<Response>
}
export interface ListenOptions {
  readonly host: string
  /** 0 takes any free port. */
  readonly port: number
  readonly headerBytes?: number
  readonly requestSeconds?: number
}
export interface Listening {
  readonly url: string
  readonly port: number
  /** Stops accepting, waits for what is being answered. */
  close(): Promise<void>
}
export type Listen = (app: FetchApp, options: ListenOptions) => Promise<Listening>
