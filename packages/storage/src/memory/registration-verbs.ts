// The verbs of registered clients on the memory tables.
import { revokeGrant } from './memory-revocation.ts'
import { keyOf } from './memory-tables.ts'
import type { Verb } from './memory-verbs.ts'

type RegistrationWrite = 'put-registration' | 'touch-registration' | 'delete-client'

export const registrationVerbs: { readonly [Name in RegistrationWrite]: Verb<Name> } = {
  'put-registration': ({ registrations }, { record, most }, { issuer }) => {
    const key = keyOf(issuer, record.clientId)
    const known = registrations.get(key)
    if ((known?.version ?? 0) !== record.version - 1) return false
    const count = [...registrations.values()].filter((one) => one.issuer === issuer).length
    if (!known && most !== undefined && count >= most) return false
    const { lastUsedAt, keepUntil } = record
    registrations.set(key, {
      ...record,
      lastUsedAt: Math.max(lastUsedAt, known?.lastUsedAt ?? lastUsedAt),
      keepUntil: Math.max(keepUntil, known?.keepUntil ?? keepUntil),
    })
    return true
  },
  'touch-registration': ({ registrations }, { clientId, at, keepUntil }, { issuer }) => {
    const key = keyOf(issuer, clientId)
    const known = registrations.get(key)
    if (known && known.lastUsedAt <= at)
      registrations.set(key, { ...known, lastUsedAt: at, keepUntil: Math.max(keepUntil, known.keepUntil) })
    return true
  },
  'delete-client': (tables, { clientId, at }, { issuer }) => {
    const key = keyOf(issuer, clientId)
    if (!tables.clients.get(key)) return false
    tables.clients.delete(key)
    tables.registrations.delete(key)
    const grants = [...tables.grants.values()].filter((grant) => grant.issuer === issuer && grant.clientId === clientId)
    for (const { grantId } of grants) revokeGrant(tables, issuer, grantId, at)
    return true
  },
}
