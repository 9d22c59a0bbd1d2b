// What a client's tokens are bound to, from its metadata and the operator's terms.
import { describe, expect, it } from 'vitest'
import { type BindingPolicy, bindingOfMetadata, type SentMetadata } from '../src/index.ts'

const key = { dpop_bound_access_tokens: true } as const
const certificate = { tls_client_certificate_bound_access_tokens: true } as const
const optional = { kind: 'optional', reason: 'old apps' } as const
const byKey = { kind: 'required' } as const
const byCertificate = { kind: 'required', by: 'certificate' } as const
const both = { kind: 'required', by: 'both' } as const

describe('what a client asks for, and what the operator demands', () => {
  it.each<[string, SentMetadata, BindingPolicy, BindingPolicy]>([
    ['MTLS-3-01: a certificate, where nothing is demanded', certificate, optional, byCertificate],
    ['MTLS-3-01: a certificate, where something is', certificate, byKey, byCertificate],
    ['MTLS-3-01: a certificate and a key', { ...key, ...certificate }, optional, both],
    ['DPOP-5.2-01: a key', key, optional, byKey],
    ['MTLS-3.4-01: a key, where a certificate is demanded', key, byCertificate, both],
    ['MTLS-3.4-01: a certificate, where both are', certificate, both, both],
    ['MTLS-3.4-01: nothing, where both are', {}, both, both],
    ['MTLS-3.3-01: nothing, which is the default', { tls_client_certificate_bound_access_tokens: false }, optional, optional],
  ])('%s', (_what, metadata, terms, binding) => {
    expect(bindingOfMetadata(metadata, terms)).toEqual(binding)
  })
})
