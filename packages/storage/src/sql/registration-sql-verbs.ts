// The verbs of registered clients as statements.
import { any, ask, one, type Verb } from './verb-steps.ts'

type RegistrationWrite = 'put-registration' | 'touch-registration' | 'delete-client'

export const registrationSqlVerbs: { readonly [Name in RegistrationWrite]: Verb<Name> } = {
  'put-registration': ({ record, most }, { issuer }) => {
    const { clientId, version, lastUsedAt, keepUntil } = record
    const values = [issuer, clientId, version, lastUsedAt, keepUntil, JSON.stringify(record)]
    return version === 1 ? one('insertRegistration', [...values, most ?? null]) : one('replaceRegistration', values)
  },
  'touch-registration': ({ clientId, at, keepUntil }, { issuer }) => any(ask('touchRegistration', [issuer, clientId, at, keepUntil])),
  'delete-client': function* ({ clientId, at }, { issuer }) {
    const { changes } = yield ask('deleteClient', [issuer, clientId])
    if (changes === 0) return false
    yield ask('deleteRegistration', [issuer, clientId])
    yield ask('revokeGrantsOfClient', [issuer, clientId, at])
    yield ask('dropCodesOfClient', [issuer, clientId])
    yield ask('revokeFamiliesOfClient', [issuer, clientId, at])
    yield ask('revokeAccessTokensOfClient', [issuer, clientId, at])
    return true
  },
}
