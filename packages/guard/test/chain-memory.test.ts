// What is remembered for TLS sessions is bounded, and never ends before the tickets that need it.
import { describe, expect, it } from 'vitest'
import { makeChainMemory } from '../src/listen/chain-memory.ts'

const der = (bytes: number): Uint8Array => new Uint8Array(bytes)

describe('the memory of chains', () => {
  it('CERT-3.3-01: knows what came with a certificate, and that nothing did', () => {
    const memory = makeChainMemory(() => undefined)
    memory.keep('one', [der(10)])
    memory.keep('bare', [])
    expect(memory.recall('one')).toHaveLength(1)
    expect(memory.recall('bare')).toEqual([])
    memory.keep('one', [])
    expect(memory.recall('one')).toEqual([])
  })

  it('CERT-3.3-01: a stranger who fills it makes old tickets worthless, instead of making somebody’s chain vanish', () => {
    let forgotten = 0
    const memory = makeChainMemory(() => {
      forgotten += 1
    })
    memory.keep('early', [der(1000)])
    for (let at = 0; forgotten === 0; at += 1) memory.keep(`stranger ${at}`, [der(60_000)])
    // A handshake that resumed a moment before still finds its own, and its new ticket will, too.
    expect(memory.recall('early')).toHaveLength(1)
    for (let at = 0; forgotten === 1; at += 1) memory.keep(`another ${at}`, [der(60_000)])
    expect(memory.recall('early')).toHaveLength(1)
  })

  it('CERT-3.3-01: is bounded in number, too', () => {
    let forgotten = 0
    const memory = makeChainMemory(() => {
      forgotten += 1
    })
    for (let at = 0; at < 10_000; at += 1) memory.keep(`small ${at}`, [der(1)])
    expect(forgotten).toBe(2)
  })
})
