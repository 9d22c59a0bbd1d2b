// Names by which credentials beside tickets are known in many houses: of headers and of cookies. A guess, and never about a value.
// Where an inventory names them for certain: `other-credentials.ts`.

/** Header names that hold keys and tokens in many houses. */
const keyHeaders = /^(?:private-token|job-token|deploy-token|x-vault-token|x-auth-token|x-access-token|authentication)$|api-?key|-key$/i
export const personal = /private-token|personal|pat$/i
/** Cookies that remember no person. */
const notSessions =
  /^(?:_ga|_gid|_gat|_fbp|__utm|__cf|cf_|optimizely|amplitude|ajs_|intercom|hubspot|lang|locale|theme|consent|csrf|xsrf|_csrf)/i
const sessions = /sess|sid$|^sid|auth|token|^jwt|remember|login|connect\.|identity|\.aspnetcore/i

export const plainName = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$/

export function isCredentialHeader(name: string): boolean {
  return plainName.test(name) && keyHeaders.test(name)
}

export function isSessionCookie(name: string): boolean {
  return plainName.test(name) && sessions.test(name) && !notSessions.test(name)
}
