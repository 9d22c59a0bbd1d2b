// client_credentials as a pure decision: for the client itself, with scopes of APIs.
import { describe, expect, it } from 'vitest'
import { decideClientCredentials, makeOffer, wholeLaw } from '../src/index.ts'
import { api, evidence, issuer, noDetails } from './grant-evidence.ts'

describe('client credentials', () => {
  const scopes = ['read', 'openid'].map((scope) => ({ issuer, scope, description: { ja: scope, en: scope }, claims: [] }))
  const offer = makeOffer(
    issuer,
    [{ issuer, resource: api, name: { ja: 'a', en: 'a' }, scopes: ['read'], accessTokenLifetimeSeconds: 300 }],
    scopes,
  )
  const decide = (change: Partial<Parameters<typeof decideClientCredentials>[0]>) =>
    decideClientCredentials({ client: evidence(), scope: undefined, resources: [], ...noDetails, offer, ...change }, wholeLaw)

  it('AT-2.2-02 O21-4.2-01: are for the client itself, with scopes of APIs', () => {
    expect(decide({})).toMatchObject({ issue: { subject: 'app', scopes: ['read'], audience: [api], person: undefined } })
    expect(decide({ scope: 'openid' })).toMatchObject({ broken: 'client-credentials.scopes-are-of-apis', family: 'scope' })
    expect(decide({ client: evidence({}, false) })).toMatchObject({ broken: 'client-credentials.client-is-confidential' })
    expect(decide({ client: evidence({ resources: [] }) })).toMatchObject({ broken: 'resource.there-is-one' })
    expect(decide({ resources: [issuer] })).toMatchObject({ broken: 'resource.is-known' })
  })
})
