// The question to an OCSP responder and what its answer says (RFC 6960), for one certificate. Asking is done elsewhere.
import { createHash } from 'node:crypto'
import { type Broken, broke, isBroken, type Seconds, statusAnswerRules } from '@kimei/protocol'
import type { BasicOCSPResponse, CertID, Extension, SingleResponse } from 'pkijs'
import { purposesOf } from '../chain-facts.ts'
import { type ParsedCertificate, parseCertificate } from '../parsed-certificate.ts'
import type { Answered, StatusQuestion } from './contract.ts'
import { currentUntil, isSignedWith } from './signed-answer.ts'

const oids = {
  basic: '1.3.6.1.5.5.7.48.1.1',
  nonce: '1.3.6.1.5.5.7.48.1.2',
  signsForOthers: '1.3.6.1.5.5.7.3.9',
  hashes: { '1.3.14.3.2.26': 'sha1', '2.16.840.1.101.3.4.2.1': 'sha256' } as Readonly<Record<string, string>>,
}
const mostCertificates = 4

/** Name and key of the authority by SHA-1, as every responder takes it (RFC 5019 §2.1.1): it only finds the certificate, it proves nothing. */
export async function buildOcspRequest(question: StatusQuestion, nonce: Uint8Array): Promise<Uint8Array> {
  const asn1 = await import('asn1js')
  const { name, key, serial } = identify(question, 'sha1')
  const id = new asn1.Sequence({
    value: [
      new asn1.Sequence({ value: [new asn1.ObjectIdentifier({ value: '1.3.14.3.2.26' }), new asn1.Null()] }),
      new asn1.OctetString({ valueHex: name }),
      new asn1.OctetString({ valueHex: key }),
      new asn1.Integer({ valueHex: serial }),
    ],
  })
  const inner = new asn1.OctetString({ valueHex: nonce }).toBER()
  const extension = new asn1.Sequence({
    value: [new asn1.ObjectIdentifier({ value: oids.nonce }), new asn1.OctetString({ valueHex: inner })],
  })
  const body = new asn1.Sequence({
    value: [
      new asn1.Sequence({ value: [new asn1.Sequence({ value: [id] })] }),
      new asn1.Constructed({ idBlock: { tagClass: 3, tagNumber: 2 }, value: [new asn1.Sequence({ value: [extension] })] }),
    ],
  })
  return new Uint8Array(new asn1.Sequence({ value: [body] }).toBER())
}

function identify({ certificate, issuer }: StatusQuestion, hash: string) {
  const digest = (bytes: ArrayBuffer | Uint8Array) => new Uint8Array(createHash(hash).update(new Uint8Array(bytes)).digest())
  return {
    name: digest(issuer.pki.subject.toSchema().toBER()),
    key: digest(issuer.pki.subjectPublicKeyInfo.subjectPublicKey.valueBlock.valueHexView),
    serial: Uint8Array.from(certificate.pki.serialNumber.valueBlock.valueHexView),
  }
}

/** Everything about one answer; what it says counts only where it is whole, of the authority, about this certificate, and current. */
export async function readOcspAnswer(bytes: Uint8Array, question: StatusQuestion, nonce: Uint8Array): Promise<Answered> {
  const basic = await readBasic(bytes)
  if (isBroken(basic)) return basic
  return (await judgeSigner(basic, question)) ?? judgeNonce(basic, nonce) ?? judgeSingles(basic, question)
}

async function readBasic(bytes: Uint8Array): Promise<BasicOCSPResponse | Broken> {
  try {
    const { OCSPResponse, BasicOCSPResponse: Basic } = await import('pkijs')
    const { responseStatus, responseBytes } = OCSPResponse.fromBER(Uint8Array.from(bytes))
    const status = responseStatus.valueBlock.valueDec
    if (status !== 0 || responseBytes?.responseType !== oids.basic)
      return broke(statusAnswerRules, 'certificate-status.answer-is-readable', { expected: 'successful', received: status })
    const basic = Basic.fromBER(Uint8Array.from(responseBytes.response.valueBlock.valueHexView))
    const { responses, responseExtensions = [] } = basic.tbsResponseData
    const all = [...responseExtensions, ...responses.flatMap(({ singleExtensions = [] }) => singleExtensions)]
    const strange = all.filter(({ critical, extnID }) => critical && extnID !== oids.nonce)
    return strange.length === 0 ? basic : broke(statusAnswerRules, 'certificate-status.answer-is-readable')
  } catch {
    return broke(statusAnswerRules, 'certificate-status.answer-is-readable')
  }
}

/** RFC 6960 §4.2.2.2: the authority itself, or whom it gave a certificate for this very purpose. */
async function judgeSigner(basic: BasicOCSPResponse, { issuer, now }: StatusQuestion): Promise<Broken | undefined> {
  const signed = {
    tbs: basic.tbsResponseData.tbsView,
    algorithm: basic.signatureAlgorithm,
    signature: basic.signature.valueBlock.valueHexView,
  }
  if (await isSignedWith(issuer, signed)) return undefined
  const enclosed = await Promise.all(
    (basic.certs ?? []).slice(0, mostCertificates).map((one) => parseCertificate(new Uint8Array(one.toSchema(false).toBER()))),
  )
  for (const one of enclosed) {
    if (!one || !(await isSignedWith(one, signed))) continue
    if (isAppointed(one, issuer, now)) return undefined
    return broke(statusAnswerRules, 'certificate-status.answer-is-of-the-authority')
  }
  return broke(statusAnswerRules, 'certificate-status.answer-is-signed')
}

function isAppointed(responder: ParsedCertificate, issuer: ParsedCertificate, now: Seconds): boolean {
  const { x509 } = responder
  const inForce = x509.validFromDate.getTime() <= now * 1000 && now * 1000 <= x509.validToDate.getTime()
  try {
    const appointed = purposesOf(responder)?.includes(oids.signsForOthers) === true
    return inForce && appointed && x509.checkIssued(issuer.x509) && x509.verify(issuer.x509.publicKey)
  } catch {
    return false
  }
}

function judgeNonce(basic: BasicOCSPResponse, nonce: Uint8Array): Broken | undefined {
  const sent = (basic.tbsResponseData.responseExtensions ?? []).filter(({ extnID }) => extnID === oids.nonce)
  if (sent.length === 0 || (sent.length === 1 && isNonce(sent[0] as Extension, nonce))) return undefined
  return broke(statusAnswerRules, 'certificate-status.nonce-is-ours')
}

/** An OCTET STRING inside; some responders leave the inner one out. */
function isNonce({ extnValue }: Extension, nonce: Uint8Array): boolean {
  const value = Buffer.from(extnValue.valueBlock.valueHexView)
  return value.equals(nonce) || value.equals(Buffer.concat([Buffer.from([4, nonce.length]), nonce]))
}

function judgeSingles(basic: BasicOCSPResponse, question: StatusQuestion): Answered {
  const fit = basic.tbsResponseData.responses.filter(({ certID }) => isAbout(certID, question))
  const told = fit.map((one) => judgeSingle(one, question))
  // Several that say different things: the worst counts.
  const worst = told.find((one) => !isBroken(one) && one.status === 'revoked') ?? told.find(isBroken) ?? told[0]
  return worst ?? broke(statusAnswerRules, 'certificate-status.answer-is-about-this-certificate')
}

function isAbout({ hashAlgorithm, issuerNameHash, issuerKeyHash, serialNumber }: CertID, question: StatusQuestion): boolean {
  const hash = oids.hashes[hashAlgorithm.algorithmId]
  if (hash === undefined) return false
  const { name, key, serial } = identify(question, hash)
  return (
    Buffer.from(issuerNameHash.valueBlock.valueHexView).equals(name) &&
    Buffer.from(issuerKeyHash.valueBlock.valueHexView).equals(key) &&
    Buffer.from(serialNumber.valueBlock.valueHexView).equals(serial)
  )
}

const statuses = ['good', 'revoked', 'unknown'] as const

function judgeSingle({ certStatus, thisUpdate, nextUpdate }: SingleResponse, { now }: StatusQuestion): Answered {
  const until = currentUntil({ thisUpdate, nextUpdate }, now)
  if (isBroken(until)) return until
  const status = statuses[certStatus?.idBlock?.tagNumber as number]
  if (status === undefined || status === 'unknown') return broke(statusAnswerRules, 'certificate-status.status-is-known')
  if (status === 'good') return { status, until }
  const since: unknown = certStatus.valueBlock?.value?.[0]?.toDate?.()
  return { status, until, ...(since instanceof Date && { since: Math.floor(since.getTime() / 1000) }) }
}
