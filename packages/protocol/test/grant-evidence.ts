// A client as evidence, for decisions that are looked at by themselves. Facts of each grant stand in its test.
import { type AuthenticatedClient, type ClientRecord, noDetailTypes } from '../src/index.ts'

export const issuer = 'https://id.example'
export const api = 'https://api.example/'
export const now = 1_800_000_000

const client: ClientRecord = {
  issuer,
  clientId: 'app',
  kind: 'server',
  name: { ja: 'a', en: 'a' },
  redirectUris: [],
  authentication: 'private_key_jwt',
  secretHashes: [],
  jwks: [],
  grants: ['authorization_code', 'refresh_token', 'client_credentials'],
  scopes: ['read', 'openid'],
  resources: [api],
  binding: { kind: 'required' },
  idTokenAlg: 'RS256',
  dangerouslyAcceptTokenEndpointAudience: false,
  origins: [],
  disabled: false,
  version: 1,
}
/** Evidence is minted by the checker alone; here a decision is looked at by itself. */
export const evidence = (change: Partial<ClientRecord> = {}, confidential = true) =>
  ({ client: { ...client, ...change }, method: 'private_key_jwt', confidential, claims: [] }) as unknown as AuthenticatedClient

export const noDetails = { details: undefined, detailTypes: noDetailTypes }
