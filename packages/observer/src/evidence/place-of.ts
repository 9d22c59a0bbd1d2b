// Which API or issuer of the inventory an address belongs to, and how an address is shown: without anything that is somebody's.
import type { Inventory } from '../inventory/inventory.ts'

export interface KnownPlaces {
  /** Id of an API, or of an issuer for its own endpoints. */
  idOf(method: string | undefined, url: URL): string | undefined
}

export const noPlaces: KnownPlaces = { idOf: () => undefined }

export function knownPlaces(inventory: Pick<Inventory, 'apis' | 'issuers'>): KnownPlaces {
  const apis = inventory.apis.map(({ id, method, url }) => ({ id, method, url: new URL(url) }))
  const issuers = inventory.issuers.flatMap(({ id, url, tokenEndpoint }) => [
    { id, url: new URL(tokenEndpoint), inside: false },
    { id, url: new URL(url), inside: true },
  ])
  return {
    idOf(method, url) {
      const there = apis.filter((api) => api.url.host === url.host && api.url.pathname === url.pathname)
      const api = there.find((one) => one.method === method) ?? (method === undefined ? there[0] : undefined)
      if (api) return api.id
      return issuers.find(
        (one) => one.url.host === url.host && (one.url.pathname === url.pathname || (one.inside && isInside(one.url, url))),
      )?.id
    },
  }
}

function isInside(issuer: URL, url: URL): boolean {
  const root = issuer.pathname.replace(/\/$/, '')
  return url.pathname.startsWith(`${root}/`) && apiWords.every((word) => !url.pathname.startsWith(word))
}

const apiWords = ['/api/', '/graphql', '/v1/', '/v2/'] as const

const personal = /^(?:\d+|[0-9a-f]{8}-[0-9a-f-]{27,}|(?=.*\d)[\w~-]{12,}|[\w~.-]{25,}|.*[@%:].*)$/i

/** Origin and path; segments that look like somebody's identifier are `*`. Never a query. */
export function shownPlace(method: string | undefined, url: URL): string {
  const path = url.pathname
    .split('/')
    .slice(0, 12)
    .map((segment) => (personal.test(segment) ? '*' : segment.slice(0, 60)))
    .join('/')
  return `${method === undefined ? '' : `${method} `}${url.origin}${path}`
}
