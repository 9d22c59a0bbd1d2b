// An issuer that serves clients by their own documents, and a site under TLS that publishes these: for tests.
import type { ServerResponse } from 'node:http'
import type { IssuerConfigInput } from '@kimei/server'
import { selfSigned } from './certificates.ts'
import { startCodeKit } from './code-kit.ts'
import { type IssuerKit, type IssuerKitOptions, kitApi } from './issuer-kit.ts'
import { type OutsideServer, sendJson, startOutside } from './outside-server.ts'

export interface DocumentKit {
  readonly kit: IssuerKit
  readonly site: OutsideServer
  /** `https://clients.example:…` */
  readonly origin: string
  /** Publishes a document that says it stands there; answers its client id. */
  publish(path: string, document: object, headers?: Record<string, string>): string
  /** Answers this path by hand. */
  answerAt(path: string, answer: (response: ServerResponse) => unknown): string
  close(): Promise<void>
}

export const documentRedirect = 'https://clients.example/callback'

/** What such clients commonly say. */
export const soundDocument = {
  client_name: 'Self made',
  redirect_uris: [documentRedirect],
  grant_types: ['authorization_code', 'refresh_token'],
  response_types: ['code'],
  token_endpoint_auth_method: 'none',
  application_type: 'web',
}

const certificate = selfSigned('clients', 'clients.example')

export async function startDocumentKit(
  options: IssuerKitOptions & { readonly documents?: IssuerConfigInput['clientIdMetadataDocuments']; readonly site?: OutsideServer } = {},
): Promise<DocumentKit> {
  const answers = new Map<string, (response: ServerResponse) => unknown>()
  const site = await startOutside((request, response) => (answers.get(request.url ?? '') ?? notThere)(response), certificate)
  const origin = `https://clients.example:${site.port}`
  const kit = await startCodeKit({
    lookUp: () => ['127.0.0.1'],
    ...options,
    config: {
      outbound: { allow: [{ origin, addresses: ['127.0.0.1'] }], ca: [certificate.cert] },
      clientIdMetadataDocuments: {
        enabled: true,
        scopes: ['openid', 'profile', 'offline_access', 'notes:read'],
        apis: [kitApi],
        ...options.documents,
      },
      ...options.config,
    },
  })
  const answerAt: DocumentKit['answerAt'] = (path, answer) => {
    answers.set(path, answer)
    return `${origin}${path}`
  }
  return {
    kit,
    site,
    origin,
    answerAt,
    publish: (path, document, headers) =>
      answerAt(path, (response) => sendJson(response, { client_id: `${origin}${path}`, ...document }, headers)),
    close: async () => {
      await kit.close()
      await site.close()
    },
  }
}

function notThere(response: ServerResponse): void {
  response.writeHead(404).end()
}
