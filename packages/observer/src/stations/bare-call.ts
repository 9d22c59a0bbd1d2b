// A call of an API without any credentials: what a ticket and its proof are added to.
// What it is answered stands in `api.ts`.
import type { ApiCall } from '../edits/plans.ts'
import type { ApiEntry } from '../inventory/inventory.ts'

/** RFC 6455 §4.1. The key proves nothing to us: a connection that opens is closed before any frame. */
const upgradeLines = [
  ['Connection', 'Upgrade'],
  ['Upgrade', 'websocket'],
  ['Sec-WebSocket-Version', '13'],
  ['Sec-WebSocket-Key', 'a2ltZWkgbG9va3MgaW4gPw=='],
] as const

/** The transport of MCP refuses whoever would not read both (406). */
const mcpLines = [['Accept', 'application/json, text/event-stream']] as const

export function bareCall(api: ApiEntry): ApiCall {
  const typed = api.body === undefined ? [] : [['Content-Type', api.contentType ?? 'application/json'] as const]
  const own = api.kind === 'websocket' ? upgradeLines : api.kind === 'mcp' ? mcpLines : []
  return {
    method: api.method,
    url: api.url,
    credentials: [],
    proofs: [],
    joinProofs: false,
    headers: [...own, ...typed],
    ...(api.body !== undefined && { body: api.body }),
  }
}
