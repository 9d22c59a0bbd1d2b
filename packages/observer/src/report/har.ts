// The evidence as HAR 1.2, for any tool that reads one: every exchange in its order, digests in place of what could be used again.
// Bodies are left out; form parameters and queries keep their names.
import type { Evidence, Observation, Redacted } from '../observation.ts'

interface Named {
  readonly name: string
  readonly value: string
}

export function renderHar(observation: Observation): string {
  const har = {
    log: {
      version: '1.2',
      creator: { name: 'kimei observe', version: observation.format },
      comment: `redacted: tokens, proofs and secrets are SHA-256 digests with their length; ${observation.bindingKeyPosture}`,
      entries: observation.evidence.map((one) => entryOf(one, observation)),
    },
  }
  return `${JSON.stringify(har, undefined, 2)}\n`
}

function entryOf(one: Evidence, { findings }: Observation) {
  const { id, kind, at, role, request, response, milliseconds = 0 } = one
  return {
    startedDateTime: new Date(at * 1000).toISOString(),
    time: milliseconds,
    request: {
      method: request.method,
      url: new URL(request.url).href,
      httpVersion: 'HTTP/1.1',
      cookies: [],
      headers: requestHeaders(request),
      queryString: [...new URL(request.url).searchParams.keys()].map((name) => ({ name, value: '…' })),
      ...(request.parameters && {
        postData: {
          mimeType: 'application/x-www-form-urlencoded',
          params: request.parameters.map((name) => ({ name, value: '…' })),
          text: '',
        },
      }),
      headersSize: -1,
      bodySize: -1,
    },
    response: {
      status: response.status,
      statusText: '',
      httpVersion: 'HTTP/1.1',
      cookies: [],
      headers: responseHeaders(response),
      content: { size: response.bytes ?? 0, mimeType: response.contentType, comment: `shape ${response.shape}` },
      redirectURL: '',
      headersSize: -1,
      bodySize: response.bytes ?? -1,
    },
    cache: {},
    timings: { send: 0, wait: milliseconds, receive: 0 },
    comment: role,
    _kimei: { evidence: id, kind, proves: findings.filter(({ evidence }) => evidence.includes(id)).map((finding) => finding.id) },
  }
}

function requestHeaders({ authorization, proofs, headers = [] }: Evidence['request']): Named[] {
  return [
    ...authorization.map((one) => ({ name: 'Authorization', value: `${one.scheme} ${shown(one)}`.trim(), _claims: one.claims })),
    ...proofs.map((one) => ({ name: 'DPoP', value: shown(one), _claims: one.claims })),
    ...headers.map((one) => {
      const [name, cookie] = one.split(' ')
      return { name: name!, value: cookie === undefined ? '[withheld]' : `${cookie}=[withheld]` }
    }),
  ]
}

function responseHeaders({ challenge, contentType, nonce }: Evidence['response']): Named[] {
  return [
    ...(contentType === '' ? [] : [{ name: 'Content-Type', value: contentType }]),
    ...challenge.map((one) => {
      const [scheme, error] = one.split(' ')
      return { name: 'WWW-Authenticate', value: error === undefined ? scheme! : `${scheme} error="${error}"` }
    }),
    ...(nonce ? [{ name: 'DPoP-Nonce', value: '[withheld]' }] : []),
  ]
}

function shown({ sha256, length }: Redacted): string {
  return `[sha256:${sha256} length:${length}]`
}
