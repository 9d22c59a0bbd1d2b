// What a thief tries with a token that names a certificate: without one, with one that says the same, with the owner's in a header.
import type { X509Certificate } from 'node:crypto'
import { createCertificate } from '@kimei/client/node'
import { forgeTwin } from './forge-twin.ts'
import { thiefsProof } from './key-theft.ts'
import type { Attempt } from './theft.ts'
import { isLoopback } from './theft-permission.ts'

/** `owners`: the certificate itself, which is no secret: every server that was called has seen it. `ca`: PEM. */
export async function certificateAttempts(owners: X509Certificate, ca: string | undefined, url: URL): Promise<readonly Attempt[]> {
  const twin = createCertificate({ ...(await forgeTwin(owners)), ...(ca !== undefined && { ca }) })
  const header = { 'client-cert': `:${owners.raw.toString('base64')}:` }
  const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` })
  return [
    { id: 'no-certificate', says: 'the token without a certificate', dress: async ({ token }) => ({ headers: bearer(token) }) },
    {
      id: 'other-certificate',
      says: 'with another that says the same',
      dress: async ({ token }) => ({ headers: bearer(token) }),
      fetch: (input, init) => twin.current().fetch(input, init),
    },
    {
      id: 'certificate-in-a-header',
      says: "the owner's certificate in a header",
      dress: async ({ token }) => ({ headers: { ...bearer(token), ...header } }),
    },
    {
      id: 'own-proof',
      says: "a proof by the thief's own key instead",
      dress: async (loot, nonce) => ({ headers: { authorization: `DPoP ${loot.token}`, dpop: await thiefsProof(loot, nonce) } }),
    },
    // Elsewhere the token would be readable on its way.
    ...(isLoopback(url.hostname) ? [plainly(url)] : []),
  ]
}

function plainly(url: URL): Attempt {
  const target = new URL(url)
  target.protocol = 'http:'
  target.port = url.port || '443'
  return {
    id: 'plain-http',
    says: 'over plain http, at the same port',
    dress: async ({ token }) => ({ headers: { authorization: `Bearer ${token}` } }),
    fetch: (_, init) => fetch(target, init),
  }
}
