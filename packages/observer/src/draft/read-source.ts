// One source of an inventory, whatever it is: recorded traffic, an OpenAPI document, metadata. Recognized by what is in it.
import { Misuse } from '@kimei/protocol'
import { parse } from 'yaml'
import { readHar } from '../evidence/har.ts'
import { type Bytes, peekText, textPieces, wholeText } from '../evidence/text-pieces.ts'
import type { InventoryDraft } from './draft.ts'
import { draftOfHar, draftOfMetadata } from './observed.ts'
import { draftOfOpenApi, isOpenApi } from './open-api.ts'

const largestDocument = 16 * 1024 * 1024

/** @throws Misuse where it is none of them; in words that quote nothing of it. */
export async function draftOfFile(source: string, bytes: Bytes): Promise<InventoryDraft> {
  const { head, pieces } = await peekText(textPieces(bytes))
  if (/^[\s\uFEFF]*\{\s*"log"\s*:/.test(head)) return draftOfHar(await readHar(pieces), source)
  return draftOfText(source, await wholeText(pieces, largestDocument))
}

/** `from`: the address it was fetched from. */
export function draftOfText(source: string, text: string, from?: string): InventoryDraft {
  let document: unknown
  try {
    document = parseEither(text)
  } catch {
    throw new Misuse(['it is neither JSON nor YAML'])
  }
  if (isOpenApi(document)) return draftOfOpenApi(document, source, from)
  if (typeof document === 'object' && document !== null && ('issuer' in document || 'resource' in document)) {
    return draftOfMetadata(document as Record<string, unknown>, source)
  }
  throw new Misuse(['it is none of the kinds that are read: HAR, OpenAPI 3, metadata of an issuer or a protected resource'])
}

/** JSON is YAML too, and is read faster by what reads JSON alone. Keys that are written twice take the square of their number to find. */
function parseEither(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ''))
  } catch {
    return parse(text, { maxAliasCount: 100, prettyErrors: false, logLevel: 'silent', uniqueKeys: false })
  }
}
