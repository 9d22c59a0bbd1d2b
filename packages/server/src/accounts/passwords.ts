// Passwords: argon2id, PHC strings, never more at once than the machine can bear. Who may try stands in sign-in-delay.ts.
import { argon2, randomBytes, timingSafeEqual } from 'node:crypto'

/** OWASP's second recommendation: 19 MiB, two passes, one lane; about 25 ms on one core. */
const current = { memory: 19_456, passes: 2, parallelism: 1, tagLength: 32 } as const
/** Longer input is refused before hashing (a form field, not a file). */
export const longestPassword = 1024

/** libuv has four threads; two are left for files and sockets. */
const lanes = 2
/** About two seconds of waiting: whoever comes then is better told to come back. */
const mostWaiting = 100
let busy = 0
const waiting: (() => void)[] = []

/** Too many passwords are waiting to be checked: 503, nothing was tried. */
export class PasswordsBusy extends Error {
  override readonly name = 'PasswordsBusy'
}

async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (busy < lanes) busy++
  else if (waiting.length < mostWaiting) await new Promise<void>((resolve) => waiting.push(resolve))
  else throw new PasswordsBusy('too many passwords are waiting to be checked')
  try {
    return await work()
  } finally {
    // The lane goes straight to the next in line: nobody who comes meanwhile takes it.
    const next = waiting.shift()
    if (next) next()
    else busy--
  }
}

interface Cost {
  readonly memory: number
  readonly passes: number
  readonly parallelism: number
  readonly tagLength: number
}

function digest(password: string, salt: Uint8Array, cost: Cost): Promise<Buffer> {
  const options = { message: password.normalize('NFC'), nonce: salt, ...cost }
  return new Promise((resolve, reject) => {
    argon2('argon2id', options, (error, tag) => (error ? reject(error) : resolve(tag)))
  })
}

const b64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64').replace(/=+$/, '')

/** A PHC string: `$argon2id$v=19$m=19456,t=2,p=1$<salt>$<hash>`. */
export async function hashPassword(password: string, salt: Uint8Array = randomBytes(16)): Promise<string> {
  const tag = await inTurn(() => digest(password, salt, current))
  return `$argon2id$v=19$m=${current.memory},t=${current.passes},p=${current.parallelism}$${b64(salt)}$${b64(tag)}`
}

/** At most 1 GiB would be asked for: longer numbers are no cost that anybody meant. */
const phc = /^\$argon2id\$v=19\$m=(\d{1,6}),t=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{11,64})\$([A-Za-z0-9+/]{16,172})$/

/** Whether the password is the one. A string that is not PHC answers false after the same work. */
export async function verifyPassword(password: string, stored: string): Promise<boolean> {
  const parts = phc.exec(stored)
  if (!parts) {
    await burnOneVerification(password)
    return false
  }
  const [, m, t, p, salt, tag] = parts as unknown as [string, string, string, string, string, string]
  const expected = Buffer.from(tag, 'base64')
  const cost = { memory: Number(m), passes: Number(t), parallelism: Number(p), tagLength: expected.length }
  const actual = await inTurn(() => digest(password, Buffer.from(salt, 'base64'), cost))
  return timingSafeEqual(actual, expected)
}

/** For an unknown user: the same work, so that the answer's time tells nothing (OIDC Core §16.12). */
export async function burnOneVerification(password: string): Promise<void> {
  await inTurn(() => digest(password, Buffer.alloc(16), current))
}
