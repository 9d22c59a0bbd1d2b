// What @atproto/oauth-provider must remember, in memory, as small as its interfaces allow: one account, its devices, requests and tickets.
// The issuer that uses it stands in `atproto-issuer.ts`.
import type { OAuthStore } from '@atproto/oauth-provider/provider'

type Row<Method extends keyof OAuthStore> = NonNullable<Awaited<ReturnType<OAuthStore[Method]>>>

export interface Person {
  readonly account: Row<'authenticateAccount'>
  readonly password: string
}

export function memoryStore(person: Person): Partial<OAuthStore> {
  const devices = new Map<string, Row<'readDevice'>>()
  return {
    createDevice: (id, data) => void devices.set(id, data),
    readDevice: (id) => devices.get(id) ?? null,
    updateDevice: (id, data) => void devices.set(id, { ...devices.get(id)!, ...data }),
    deleteDevice: (id) => void devices.delete(id),
    findLexicon: () => null,
    storeLexicon: () => undefined,
    deleteLexicon: () => undefined,
    ...requestStore(),
    ...tokenStore(person),
    ...accountStore(person, devices),
    ...neverAsked,
  }
}

function requestStore(): Partial<OAuthStore> {
  const requests = new Map<string, Row<'readRequest'>>()
  return {
    createRequest: (id, data) => void requests.set(id, data),
    readRequest: (id) => requests.get(id) ?? null,
    updateRequest: (id, data) => void requests.set(id, { ...requests.get(id)!, ...data }),
    deleteRequest: (id) => void requests.delete(id),
    consumeRequestCode(code) {
      const found = [...requests].find(([, data]) => data.code === code)
      if (!found) return null
      requests.delete(found[0])
      return { requestId: found[0] as never, data: found[1] }
    },
  }
}

function tokenStore({ account }: Person): Partial<OAuthStore> {
  const tokens = new Map<string, Row<'readToken'>>()
  const [byRefreshToken, byCode] = [new Map<string, string>(), new Map<string, string>()]
  return {
    createToken(id, data, refreshToken) {
      tokens.set(id, { id, data, account, currentRefreshToken: refreshToken ?? null })
      if (refreshToken) byRefreshToken.set(refreshToken, id)
      if (data.code) byCode.set(data.code, id)
    },
    readToken: (id) => tokens.get(id) ?? null,
    deleteToken: (id) => void tokens.delete(id),
    rotateToken(id, newId, newRefreshToken, data) {
      const old = tokens.get(id)!
      tokens.delete(id)
      tokens.set(newId, { ...old, id: newId, data: { ...old.data, ...data }, currentRefreshToken: newRefreshToken })
      // Earlier ones still lead to it: that is how a second use is noticed.
      for (const index of [byRefreshToken, byCode]) for (const [name, at] of index) if (at === id) index.set(name, newId)
      byRefreshToken.set(newRefreshToken, newId)
    },
    findTokenByRefreshToken: (token) => tokens.get(byRefreshToken.get(token) ?? '') ?? null,
    findTokenByCode: (code) => tokens.get(byCode.get(code) ?? '') ?? null,
    listAccountTokens: () => [...tokens.values()],
  }
}

function accountStore({ account, password }: Person, devices: ReadonlyMap<string, Row<'readDevice'>>): Partial<OAuthStore> {
  const authorized: Row<'getAccount'>['authorizedClients'] = new Map()
  const signedIn = new Map<string, Date>()
  const known = (deviceId: string): Row<'getDeviceAccount'> => ({
    deviceId: deviceId as never,
    deviceData: devices.get(deviceId)!,
    account,
    authorizedClients: authorized,
    createdAt: signedIn.get(deviceId)!,
    updatedAt: signedIn.get(deviceId)!,
  })
  return {
    authenticateAccount(data) {
      if (data.username !== account.handle || data.password !== password) throw new Error('nobody')
      return account
    },
    setAuthorizedClient: (_did, clientId, data) => void authorized.set(clientId, data),
    getAccount: () => ({ account, authorizedClients: authorized }),
    upsertDeviceAccount: (id) => void signedIn.set(id, new Date()),
    getDeviceAccount: (id) => (signedIn.has(id) ? known(id) : null),
    removeDeviceAccount: (id) => void signedIn.delete(id),
    listDeviceAccounts: (filter) => [...signedIn.keys()].filter((id) => !('deviceId' in filter) || filter.deviceId === id).map(known),
  }
}

const never = (): never => {
  throw new Error('this person never asks for that')
}

const neverAsked: Partial<OAuthStore> = {
  createAccount: never,
  resetPasswordRequest: never,
  resetPasswordConfirm: never,
  updateEmailRequest: never,
  updateEmailConfirm: never,
  verifyEmailRequest: never,
  verifyEmailConfirm: never,
  verifyHandleAvailability: never,
  updateHandle: never,
  deactivateAccount: never,
  reactivateAccount: never,
  deleteAccountRequest: never,
  deleteAccountConfirm: never,
}
