// The single addresses behind one API, as the inventory names them. How they are asked stands with the probes.
import { z } from 'zod'

/** IP addresses of the nodes or regions that serve it: each is asked by itself, under the same name. */
export const nodesSchema = z
  .array(z.union([z.ipv4(), z.ipv6()]))
  .max(8)
  .default([])

/** The same place under one address of those that serve it. */
export function atAddress(url: string, address: string): URL {
  const there = new URL(url)
  there.hostname = address.includes(':') ? `[${address}]` : address
  return there
}

/** Nothing is touched that the owner has not agreed to, by whatever name it is reached. */
export function touchedAtNodes(
  apis: readonly { readonly id: string; readonly url: string; readonly nodes: readonly string[] }[],
): [where: string, target: URL][] {
  return apis.flatMap(({ id, url, nodes }) => nodes.map((address): [string, URL] => [`apis.${id}.nodes`, atAddress(url, address)]))
}
