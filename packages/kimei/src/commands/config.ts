// `kimei config`: checks configuration files, prints their JSON Schemas, makes what they need: keys, secrets, password hashes.
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { type Command, type ExitCode, readFlags, Trouble, UsageError } from '../command/command.ts'
import { readSecretArgument } from '../command/secret-argument.ts'
import type { Terminal } from '../command/terminal.ts'
import { fileKinds, isFileKind, kindOfFile } from '../files/file-kinds.ts'

const help = `Check configuration files, print their JSON Schemas, make what they need.

Usage: kimei config check <file>          every mistake at once, or "is good"
       kimei config schema <kind>         issuer, guard or inventory
       kimei config hash-password         reads a password from standard input
       kimei config make-secret           a client secret and its hash
       kimei config make-key              a private JWK and its public half
       kimei config make-server-key       32 random bytes, to seal keys at rest

  --kind <kind>  for check, where the file does not tell what it is

Examples:
  kimei config check kimei.yaml
  kimei config schema guard > kimei-guard.schema.json
  printf %s "$PASSWORD" | kimei config hash-password
  kimei config make-key > my-client.jwk.json`

const options = { kind: { type: 'string' } } as const

export const config: Command = { help, run }

async function run(args: readonly string[], terminal: Terminal): Promise<ExitCode> {
  const { values, positionals } = readFlags(args, options, ['check, schema or make-…', '[file or kind]'])
  const [verb, object] = positionals as [string, string | undefined]
  const tool = tools[verb]
  if (!tool) throw new UsageError(`"${verb}" is not known: ${Object.keys(tools).join(', ')}`)
  await tool(terminal, object, values.kind)
  return 0
}

type Tool = (terminal: Terminal, object: string | undefined, kind: string | undefined) => Promise<void>

const tools: Readonly<Record<string, Tool>> = {
  async check(terminal, path, kind) {
    if (path === undefined) throw new UsageError('name the file to check')
    const { readYaml } = await import('../files/read-yaml.ts')
    const input = readYaml(path)
    const known = kind ?? kindOfFile(input)
    if (!isFileKind(known)) throw new UsageError(`${path} could be anything: say --kind issuer, guard or inventory`)
    await fileKinds[known].check(path, input)
    terminal.say(`${path} is good (${known}).`)
  },
  async schema(terminal, kind) {
    if (!isFileKind(kind)) throw new UsageError('say which: issuer, guard or inventory')
    terminal.say(JSON.stringify(await fileKinds[kind].schema(), null, 2))
  },
  async 'hash-password'(terminal) {
    if (process.stdin.isTTY) throw new UsageError('give the password on standard input: printf %s "$PASSWORD" | kimei config hash-password')
    const password = readSecretArgument('-')
    if (password === '') throw new UsageError('the password is empty')
    const { hashPassword } = await import('@kimei/server')
    terminal.say(await hashPassword(password))
  },
  async 'make-secret'(terminal) {
    const { sha256 } = await import('@kimei/protocol')
    const secret = randomBytes(32).toString('base64url')
    terminal.say(`secret  ${secret}\nhash    ${await sha256(secret)}`)
    terminal.note('Give the secret to the client, and write the hash under secretHashes.')
  },
  async 'make-key'(terminal) {
    const { jwkThumbprint } = await import('@kimei/protocol')
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const jwk = privateKey.export({ format: 'jwk' })
    const { kty, crv, x, y } = jwk
    if (!kty || !crv || !x || !y) throw new Trouble('this Node made no P-256 key')
    const open = { kty, crv, x, y, alg: 'ES256', kid: await jwkThumbprint({ kty, crv, x, y }) }
    terminal.say(JSON.stringify({ ...open, d: jwk.d }))
    terminal.note(`Keep it secret. Write this under jwks.keys of the client:\n${JSON.stringify({ ...open, use: 'sig' })}`)
  },
  async 'make-server-key'(terminal) {
    terminal.say(randomBytes(32).toString('base64url'))
  },
}
