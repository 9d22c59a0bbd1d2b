// An app that a person signs in to, at an issuer that is not ours, before an API that holds its tickets to their key.
import { startIndependentIssuer } from 'testkit'
import { onTestFinished } from 'vitest'
import type { InventoryInput } from '../src/inventory/inventory.ts'
import { audience, listen, notesApp, operations, peerGuard } from './express-apis.ts'

/** As an issuer registers it. */
export function appMetadata(redirectUri: string, { id = 'app', bound = true } = {}) {
  return {
    client_id: id,
    redirect_uris: [redirectUri],
    application_type: 'native' as const,
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code' as const],
    token_endpoint_auth_method: 'none' as const,
    dpop_bound_access_tokens: bound,
  }
}

/** The inventory but for its APIs, and where their notes are. Closed when the test is finished. */
export async function startAppHouse(redirectUri: string) {
  const issuer = await startIndependentIssuer({
    clients: [appMetadata(redirectUri)],
    resources: { [audience]: 'read' },
  })
  const inventory = {
    version: 1,
    contact: 'tests@example.com',
    issuers: [{ id: 'main', url: issuer.issuer, tokenEndpoint: `${issuer.issuer}/token` }],
    clients: [{ id: 'app', clientId: 'app', kind: 'mobile', ticket: { from: 'sign-in', redirectUri, scope: 'read', resource: audience } }],
    subjects: ['user-1'],
    operations,
  } as const satisfies Omit<InventoryInput, 'apis'>
  return { issuer, inventory, notesUrl: await openNotes(issuer) }
}

interface RunningIssuer {
  readonly issuer: string
  close(): Promise<void>
}

/** Closed, with its issuer, when the test is finished. */
export async function openNotes(issuer: RunningIssuer): Promise<string> {
  const api = await listen(notesApp({ '/notes': peerGuard(issuer.issuer, { enabled: true, required: true }) }))
  onTestFinished(async () => {
    await Promise.all([issuer.close(), api.close()])
  })
  return `${api.url}/notes`
}
