// What a CertificateRequest asks for (RFC 5246 §7.4.4, RFC 8446 §4.3.2): acceptable authorities and signature algorithms. Pure.
import { authorityName } from './authority-name.ts'
import { cursorOf, readExtensions } from './handshake-records.ts'

export interface CertificateRequest {
  /** Names of authorities, as RFC 4514 writes them. Empty: any. At most {@link mostAuthorities}. */
  readonly authorities: readonly string[]
  /** How many more were named. */
  readonly furtherAuthorities: number
  readonly signatureAlgorithms: readonly string[]
}

export const mostAuthorities = 50
const mostAlgorithms = 40

const algorithmNames: Readonly<Record<number, string>> = {
  513: 'rsa_pkcs1_sha1',
  515: 'ecdsa_sha1',
  1025: 'rsa_pkcs1_sha256',
  1027: 'ecdsa_secp256r1_sha256',
  1281: 'rsa_pkcs1_sha384',
  1283: 'ecdsa_secp384r1_sha384',
  1537: 'rsa_pkcs1_sha512',
  1539: 'ecdsa_secp521r1_sha512',
  2052: 'rsa_pss_rsae_sha256',
  2053: 'rsa_pss_rsae_sha384',
  2054: 'rsa_pss_rsae_sha512',
  2055: 'ed25519',
  2056: 'ed448',
  2057: 'rsa_pss_pss_sha256',
  2058: 'rsa_pss_pss_sha384',
  2059: 'rsa_pss_pss_sha512',
  2308: 'mldsa44',
  2309: 'mldsa65',
  2310: 'mldsa87',
}

const extensionTypes = { signatureAlgorithms: 13, certificateAuthorities: 47 } as const

/** A request whose inside cannot be read is a request all the same. */
export function readCertificateRequest(version: 'TLSv1.2' | 'TLSv1.3', body: Uint8Array): CertificateRequest {
  const cursor = cursorOf(body)
  if (version === 'TLSv1.2') {
    cursor.vector(1)
    const algorithms = cursor.vector(2)
    return asked(algorithms, cursor.vector(2))
  }
  cursor.vector(1)
  const extensions = readExtensions(cursor.vector(2) ?? new Uint8Array())
  const inside = (type: number) => {
    const value = extensions?.get(type)
    return value && cursorOf(value).vector(2)
  }
  return asked(inside(extensionTypes.signatureAlgorithms), inside(extensionTypes.certificateAuthorities))
}

function asked(algorithms: Uint8Array | undefined, names: Uint8Array | undefined): CertificateRequest {
  const authorities: string[] = []
  let further = 0
  const list = cursorOf(names ?? new Uint8Array())
  for (let name = list.vector(2); name !== undefined; name = list.vector(2)) {
    if (authorities.length < mostAuthorities) authorities.push(authorityName(name))
    else further += 1
  }
  const codes = cursorOf(algorithms ?? new Uint8Array())
  const signatureAlgorithms: string[] = []
  for (let code = codes.number(2); code !== undefined && signatureAlgorithms.length < mostAlgorithms; code = codes.number(2))
    signatureAlgorithms.push(algorithmNames[code] ?? `0x${code.toString(16).padStart(4, '0')}`)
  return { authorities, furtherAuthorities: further, signatureAlgorithms }
}
