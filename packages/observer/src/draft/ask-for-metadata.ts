// An address that a person named: its own document, or the metadata of the issuer or protected resource that it is. A few requests, no more.
// Redirects are not followed: they lead to hosts that nobody named.
import { Misuse } from '@kimei/protocol'
import { issuerMetadataForms } from '../metadata.ts'
import { openRawClient, type RawClient } from '../wire/raw-client.ts'
import { bodyLimit } from '../wire/read-answer.ts'
import type { InventoryDraft } from './draft.ts'
import { draftOfAddress } from './observed.ts'
import { draftOfText } from './read-source.ts'

/** Those of an issuer, and that of a protected resource (RFC 9728 §3.1). */
export function metadataAddresses(given: URL): readonly string[] {
  const path = given.pathname.replace(/\/$/, '')
  return [...issuerMetadataForms(given), `${given.origin}/.well-known/oauth-protected-resource${path}`, given.href]
}

/** @throws Misuse naming what each address answered. */
export async function askForMetadata(address: string, userAgent: string): Promise<InventoryDraft> {
  const client = openRawClient()
  const given = new URL(address)
  const answers: string[] = []
  try {
    for (const url of addressesFor(given)) {
      const answer = await ask(client, url, userAgent)
      if (typeof answer !== 'string') {
        // No document, and an API all the same: it asks for a ticket.
        if (url === given.href && (answer.status === 401 || answer.status === 403)) return draftOfAddress(given, answer.status)
        answers.push(`${url}: ${answer.why}`)
      } else {
        try {
          return draftOfText(url, answer, url)
        } catch (error) {
          if (!(error instanceof Misuse)) throw error
          answers.push(`${url}: ${error.message}`)
        }
      }
    }
  } finally {
    client.close()
  }
  throw new Misuse([...answers, `${given.href}: name an issuer as its tickets do (iss), with its path, and an API by a request of it`])
}

/** A document is asked for itself first. */
function addressesFor(given: URL): readonly string[] {
  const isDocument = /\.(?:json|ya?ml)$|\/\.well-known\//.test(given.pathname)
  const all = metadataAddresses(given)
  return isDocument ? [given.href] : all
}

async function ask(
  client: RawClient,
  url: string,
  userAgent: string,
): Promise<string | { readonly why: string; readonly status?: number }> {
  try {
    const headers = [
      ['User-Agent', userAgent],
      ['Accept', 'application/json, application/yaml;q=0.9, */*;q=0.1'],
    ] as const
    const { status, body } = await client.send({ method: 'GET', url, headers })
    // Half a document would be half an inventory, and nobody would know.
    if (body.length >= bodyLimit) return { why: `it is longer than ${bodyLimit / 1024} KB: save it, and name the file` }
    return status === 200 ? body : { why: `it answers ${status}`, status }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    return { why: code === undefined ? (error as Error).message : `nobody answers (${code})` }
  }
}
