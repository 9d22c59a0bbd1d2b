// A certificate that says what another one says, by a key of whoever makes it: what anybody can do who has seen the other. X.509 by pkijs.
import { X509Certificate } from 'node:crypto'
import { Certificate } from 'pkijs'

/** Same names, dates and extensions, the issuer's name included; only key and signature are others. PEM texts. */
export async function forgeTwin(owners: X509Certificate): Promise<{ readonly cert: string; readonly key: string }> {
  const twin = Certificate.fromBER(Uint8Array.from(owners.raw))
  const pair = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify'])
  await twin.subjectPublicKeyInfo.importKey(pair.publicKey)
  await twin.sign(pair.privateKey, 'SHA-256')
  const key = Buffer.from(await crypto.subtle.exportKey('pkcs8', pair.privateKey)).toString('base64')
  return {
    cert: new X509Certificate(Buffer.from(twin.toSchema(true).toBER())).toString(),
    key: `-----BEGIN PRIVATE KEY-----\n${key.match(/.{1,64}/g)?.join('\n')}\n-----END PRIVATE KEY-----\n`,
  }
}
