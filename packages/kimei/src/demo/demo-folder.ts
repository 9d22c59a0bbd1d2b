// The folder of `kimei dev`: readable by its owner alone; holds the database, the demo user's password and the demo client's key.
// Made once, kept over restarts.
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { chmodSync, existsSync, lstatSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { PrivateJwk } from '@kimei/protocol'
import { Misuse } from '@kimei/protocol'

export interface DemoSecrets {
  readonly username: string
  readonly password: string
  /** argon2id, so that the issuer knows the user without hashing at every start. */
  readonly passwordHash: string
  /** Private key of the program `demo-server`, for private_key_jwt. */
  readonly serverKey: PrivateJwk
}

export interface DemoFolder {
  readonly path: string
  file(name: string): string
  /** Writes a file that only its owner can read, whole or not at all. */
  write(name: string, text: string): void
}

const others = 0o077

/** Opens the folder, or makes it with mode 0700. Refuses one that others can look into. */
export function openDemoFolder(path: string): DemoFolder {
  const folder = resolve(path)
  if (!existsSync(folder)) {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    chmodSync(folder, 0o700)
  }
  const stats = lstatSync(folder)
  if (!stats.isDirectory()) throw new Misuse([`${path} is not a folder: name another with --dir`])
  if (process.platform !== 'win32') {
    if (stats.uid !== process.getuid?.()) throw new Misuse([`${path} belongs to another account: name another folder with --dir`])
    if ((stats.mode & others) !== 0) throw new Misuse([`others can look into ${path}: chmod 700 ${path}`])
  }
  const file = (name: string): string => join(folder, name)
  return {
    path: folder,
    file,
    write(name, text) {
      const draft = file(`.${name}.${randomBytes(6).toString('hex')}`)
      writeFileSync(draft, text, { mode: 0o600, flag: 'wx' })
      renameSync(draft, file(name))
    },
  }
}

const secretsFile = 'demo.json'

/** Reads what was made at the first start, or makes it. */
export async function loadDemoSecrets(folder: DemoFolder, hash: (password: string) => Promise<string>): Promise<DemoSecrets> {
  if (existsSync(folder.file(secretsFile))) return readSecrets(folder)
  const password = makePassword()
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const serverKey = { ...privateKey.export({ format: 'jwk' }), alg: 'ES256', kid: 'demo-server-1' } as PrivateJwk
  const secrets: DemoSecrets = { username: 'demo', password, passwordHash: await hash(password), serverKey }
  folder.write(secretsFile, `${JSON.stringify(secrets, null, 2)}\n`)
  return secrets
}

function readSecrets(folder: DemoFolder): DemoSecrets {
  try {
    const read = JSON.parse(readFileSync(folder.file(secretsFile), 'utf8')) as DemoSecrets
    if (typeof read.password === 'string' && typeof read.passwordHash === 'string' && typeof read.serverKey?.d === 'string') return read
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
  }
  throw new Misuse([`${folder.file(secretsFile)} is damaged: remove it to get a new demo user and key`])
}

/** 60 random bits in groups that can be typed: `k7mf-2xqp-9htd`. No letters that look alike. */
function makePassword(): string {
  const letters = 'abcdefghjkmnpqrstuvwxyz23456789'
  // 248 is the largest multiple of 31 in a byte: no letter is likelier than another.
  const picked = [...randomBytes(64)].filter((byte) => byte < 248).slice(0, 12)
  return picked.map((byte, at) => `${at > 0 && at % 4 === 0 ? '-' : ''}${letters[byte % 31]}`).join('')
}

export function publicHalf(jwk: PrivateJwk): Record<string, unknown> & { kty: 'EC' } {
  const { kty: _, d: __, ...rest } = jwk
  return { ...rest, kty: 'EC' }
}
