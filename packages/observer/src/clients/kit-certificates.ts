// The certificates that edits of one test client may use. Read in `clients/prepare.ts`; imitations are made on the spot.

import type { KitCertificates } from '../probe.ts'
import { imitate } from '../tls/make-certificate.ts'
import type { Line } from '../wire/line.ts'
import type { PreparedClient } from './prepare.ts'

/** `undefined` for clients without a certificate. `target`: whose budget pays. */
export function kitCertificates(
  { certificate, otherCertificate }: PreparedClient,
  line: Line,
  target: string,
): KitCertificates | undefined {
  return (
    certificate && {
      own: certificate,
      other: otherCertificate,
      imitation: () => imitate(certificate),
      async sessionAt(url) {
        const tls = { identity: certificate, watched: true } as const
        const { answer } = await line.send(target, 'a session elsewhere', { method: 'GET', url, headers: [], tls }, 'tls')
        return answer.handshake?.session
      },
    }
  )
}
