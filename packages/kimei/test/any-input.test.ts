// Whatever somebody writes or pastes: a list of mistakes or an explanation, never a fault of ours.
import { mkdtempSync, rmSync } from 'node:fs'
import { createConnection } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Misuse } from '@kimei/protocol'
import fc from 'fast-check'
import { expect, it, onTestFinished } from 'vitest'
import { wrap } from '../src/command/terminal.ts'
import { askControl, openControl } from '../src/control/control-socket.ts'
import { kindOfFile } from '../src/files/file-kinds.ts'
import { parseYaml } from '../src/files/read-yaml.ts'
import { parseServeConfig } from '../src/serve/serve-config.ts'
import { explainProof } from '../src/tickets/explain-proof.ts'
import { audiencesOf, peekJwt } from '../src/tickets/read-jwt.ts'

const orMisuse = (work: () => unknown): void => {
  try {
    work()
  } catch (error) {
    expect(error).toBeInstanceOf(Misuse)
  }
}

const yamlish = fc.oneof(fc.string(), fc.json(), fc.stringMatching(/^[a-z:&* \-[\]{}#|>'"\n!%@`]{0,60}$/))

it('a file of any text is data or a list of mistakes', () => {
  fc.assert(
    fc.property(yamlish, (text) => orMisuse(() => kindOfFile(parseYaml(text, 'any.yaml')))),
    { numRuns: 400 },
  )
})

it('aliases that would grow without end are refused', () => {
  const bomb = `a: &a [x, x, x, x, x, x, x, x, x]\n${'bcdefghi'
    .split('')
    .map((name, at) => `${name}: &${name} [${Array(9).fill(`*${'abcdefgh'[at]}`).join(', ')}]`)
    .join('\n')}\n`
  expect(() => parseYaml(bomb, 'bomb.yaml')).toThrow(Misuse)
})

it('a configuration of any shape is good or a list of mistakes', () => {
  const part = fc.jsonValue({ maxDepth: 3 })
  const config = fc.record({ issuer: part, listen: part, storage: part, audit: part, clients: part, apis: part }, { requiredKeys: [] })
  fc.assert(
    fc.property(config, (input) => orMisuse(() => parseServeConfig(input, '.'))),
    { numRuns: 200 },
  )
})

it('any text is explained as a proof: something is broken, nothing is thrown', async () => {
  const segment = fc.oneof(
    fc.base64String(),
    fc.string(),
    fc.json().map((text) => Buffer.from(text).toString('base64url')),
  )
  const proofs = fc.oneof(
    fc.string(),
    fc.tuple(segment, segment, segment).map((parts) => parts.join('.')),
  )
  await fc.assert(
    fc.asyncProperty(proofs, async (proof) => {
      const window = { pastSeconds: 60, futureSeconds: 10 }
      const explanation = await explainProof({ proof, method: 'GET', url: 'https://a.example/', token: 'x', now: 1, window })
      expect(explanation.ok).toBe(false)
      expect(explanation.rules.some((rule) => !rule.holds)).toBe(true)
      peekJwt(proof)
      expect(audiencesOf(proof).every((one) => typeof one === 'string')).toBe(true)
    }),
    { numRuns: 200 },
  )
})

it('any line on the control socket gets one line back, and the next one is answered too', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'kc-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const path = join(folder, 'control')
  const control = await openControl(path, async (ask) => ask.do)
  onTestFinished(() => control?.close())
  const send = (line: string): Promise<string> =>
    new Promise((resolve, reject) => {
      let text = ''
      const socket = createConnection(path, () => socket.write(`${line}\n`))
      socket.on('data', (part) => {
        text += part.toString()
      })
      socket.on('error', reject)
      socket.on('end', () => resolve(text))
    })
  const lines = fc.oneof(fc.json(), fc.string()).map((text) => text.replaceAll('\n', ' ').slice(0, 500))
  await fc.assert(
    fc.asyncProperty(lines, async (line) => {
      expect(JSON.parse(await send(line))).toMatchObject({ ok: false })
    }),
    { numRuns: 60 },
  )
  expect(await askControl(path, { do: 'list-keys' })).toBe('list-keys')
})

it('wrapping keeps every word and no line is wider, unless one word is', () => {
  fc.assert(
    fc.property(fc.array(fc.stringMatching(/^[a-z]{1,12}$/), { minLength: 1 }), (words) => {
      const lines = wrap(words.join(' '), 20, '  ').split('\n')
      expect(lines.map((line) => line.trim()).join(' ')).toBe(words.join(' '))
      for (const line of lines) expect(line.length).toBeLessThanOrEqual(20)
    }),
  )
})
