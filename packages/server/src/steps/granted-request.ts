// An authorization request as its person allowed it: less than was asked for, never more.
import type { ClaimAsks, ClaimsRequest } from '@kimei/protocol'
import type { ServerContext } from '../context.ts'
import type { CheckedAuthorization } from './contract.ts'

/** Without the scopes that were left out, and without what these alone would tell: asking for it by name brings nothing back. */
export async function grantedRequest(
  context: ServerContext,
  request: CheckedAuthorization,
  kept: readonly string[] | undefined,
): Promise<CheckedAuthorization> {
  const left = new Set(kept ? request.scopes.filter((scope) => !kept.includes(scope)) : [])
  if (left.size === 0) return request
  const scopes = request.scopes.filter((scope) => !left.has(scope))
  if (!request.claims) return { ...request, scopes }
  const offer = await context.directory.offer()
  const toldBy = (names: Iterable<string>) => new Set([...names].flatMap((scope) => offer.scopes.get(scope)?.claims ?? []))
  const told = toldBy(scopes)
  const gone = [...toldBy(left)].filter((claim) => !told.has(claim))
  return { ...request, scopes, claims: without(request.claims, new Set(gone)) }
}

function without({ userinfo, id_token }: ClaimsRequest, gone: ReadonlySet<string>): ClaimsRequest {
  const kept = (asks: ClaimAsks): ClaimAsks => Object.fromEntries(Object.entries(asks).filter(([claim]) => !gone.has(claim)))
  return { userinfo: kept(userinfo), id_token: kept(id_token) }
}
