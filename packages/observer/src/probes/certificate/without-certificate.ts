// L7: a ticket that names a certificate, sent over a connection without one.
import { probeAt } from '../../probe.ts'

/** RFC 8705 appendix A: a thumbprint whose certificate nobody here has. */
const somebodysThumbprint = 'A4DtL2JmUMhAsvJj5tKyn64SqzmuXbMrJa0n761y5v0'

export const withoutCertificate = probeAt('api', {
  id: 'L7',
  topic: 'certificate',
  attacks: ['binding.certificate-comes-along'],
  level: 'MUST',
  cite: 'RFC8705§3',
  says: { ja: '証明書に結ばれた切符は、証明書なしでは通らない', en: 'a ticket that names a certificate does not pass without it' },
  proves: 'the API reads x5t#S256',
  doesNotProve: 'that certificates are compared',
  depth: 'full',
  priority: 'P0',
  owner: 'RS',
  sources: ['authorization-header', 'rs-enforcement'],
  edit: async (call, kit) => {
    const token = await kit.forge?.({ header: {}, claims: { cnf: { 'x5t#S256': somebodysThumbprint } } })
    return token === undefined
      ? { notApplicable: 'no ticket that names a certificate can be had' }
      : { ...call, credentials: [{ scheme: 'Bearer', token }], proofs: [] }
  },
})
