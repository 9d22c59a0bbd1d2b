// The key that signs what a guard says of itself, read from a file: what is no such key is refused in a sentence that quotes nothing of it.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { generateSigningKey, Misuse } from '@kimei/protocol'
import { expect, it } from 'vitest'
import { readStatementKey } from '../src/serve/statement-key.ts'
import { emptyFolder } from './run-kimei.ts'

it('takes what kimei config make-key writes, and nothing else', async () => {
  const folder = emptyFolder()
  const { privateJwk } = await generateSigningKey('ES256')
  const file = (text: string) => {
    const path = join(folder, 'key.json')
    writeFileSync(path, text)
    return readStatementKey(path, 'key.json')
  }
  const key = await file(JSON.stringify(privateJwk))
  expect(Object.keys(key.publicJwk)).toEqual(['kty', 'crv', 'x', 'y'])
  expect(key.kid).toMatch(/^[\w-]{43}$/)
  const secret = String((privateJwk as { d?: string }).d)
  for (const text of [
    '',
    '{',
    '{"kty":"RSA"}',
    JSON.stringify({ ...privateJwk, d: '' }),
    JSON.stringify({ ...privateJwk, x: 'AAAA' }),
    `"${secret}"`,
  ]) {
    const refused = await file(text).catch((error: unknown) => error)
    expect(refused).toBeInstanceOf(Misuse)
    expect((refused as Misuse).message).toBe('statement.keyFile: key.json is no private JWK for ES256 (kimei config make-key)')
  }
  await expect(readStatementKey(join(folder, 'none'), 'none')).rejects.toThrow('none is not there')
})
