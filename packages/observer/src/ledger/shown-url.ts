// A URL as a report may show it.

/**
 * The URL without the values of its query, which may be anything; their names are enough to know it again.
 * @param target path and query as they went over the wire, where a URL would be written otherwise.
 */
export function shownUrl(written: string, target?: string): string {
  const url = new URL(written)
  const names = [...url.searchParams.keys()].map((name, i) => `${i === 0 ? '?' : '&'}${encodeURIComponent(name)}=…`)
  return `${url.origin}${target?.split('?')[0] ?? url.pathname}${names.join('')}`
}
