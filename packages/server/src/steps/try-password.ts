// One try at signing in with a password, whichever page asks for it: slowed down, counted before it is judged, remembered when it fails.
import { broke, signInRules, type UserRecord } from '@kimei/protocol'
import { burnOneVerification, longestPassword, PasswordsBusy, verifyPassword } from '../accounts/passwords.ts'
import { createSignInDelay, type SignInDelay } from '../accounts/sign-in-delay.ts'
import type { AuditFields, Exchange, ServerContext } from '../context.ts'
import { rememberRefusal } from '../http/refuse.ts'
import type { SignIn } from './contract.ts'
import { openSession } from './sessions.ts'

export type PasswordTry =
  | { readonly signIn: SignIn; readonly cookie: string }
  | {
      readonly problem: 'wrong' | 'missing' | 'busy' | { readonly waitSeconds: number }
      readonly status: number
      readonly headers: Readonly<Record<string, string>>
    }

interface Credentials {
  readonly username: string
  readonly password: string
  /** Fields of the audit line of a failure. */
  readonly about: AuditFields
}

export async function tryPassword(
  context: ServerContext,
  exchange: Exchange,
  { username, password, about }: Credentials,
): Promise<PasswordTry> {
  if (username === '' || password === '') return { problem: 'missing', status: 422, headers: {} }
  const delay = delayOf(context)
  const address = exchange.connection.remoteAddress
  const waitSeconds = delay.wait(username, address, exchange.now)
  if (waitSeconds > 0) {
    await rememberFailure(context, exchange, about, 'signin.waits-after-failures')
    return { problem: { waitSeconds }, status: 429, headers: { 'retry-after': String(waitSeconds) } }
  }
  // Counted before the hash is computed: parallel guesses must not all pass the door at once.
  delay.failed(username, address, exchange.now)
  const user = await findUser(context, username, password).catch((fault: unknown) => {
    if (fault instanceof PasswordsBusy) return 'busy' as const
    throw fault
  })
  if (user === 'busy') {
    delay.notTried(username, address)
    return { problem: 'busy', status: 503, headers: { 'retry-after': '5' } }
  }
  if (!user) {
    await rememberFailure(context, exchange, about, 'signin.credentials-match')
    return { problem: 'wrong', status: 422, headers: {} }
  }
  delay.succeeded(username, address)
  return openSession(context, exchange, user)
}

/** The same work whether the account exists or not. */
async function findUser(context: ServerContext, username: string, password: string): Promise<UserRecord | undefined> {
  if (username.length > 200 || password.length > longestPassword) return undefined
  const user = await context.storage.records.userByName(context.issuer, username)
  if (!user) {
    await burnOneVerification(password)
    return undefined
  }
  const matches = await verifyPassword(password, user.passwordHash)
  return matches && !user.disabled ? user : undefined
}

async function rememberFailure(
  context: ServerContext,
  exchange: Exchange,
  about: AuditFields,
  rule: keyof typeof signInRules.rules,
): Promise<void> {
  // The name that was tried is not written: people type passwords into the wrong field.
  await rememberRefusal(context, exchange, broke(signInRules, rule), about, 'login_failed')
}

const delays = new WeakMap<object, SignInDelay>()
function delayOf(context: ServerContext): SignInDelay {
  const known = delays.get(context.lasting) ?? createSignInDelay()
  delays.set(context.lasting, known)
  return known
}
