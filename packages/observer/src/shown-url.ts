// A URL as a report may show it.

/** The URL without the values of its query, which may be anything; their names are enough to know it again. */
export function shownUrl(written: string): string {
  const url = new URL(written)
  const names = [...url.searchParams.keys()].map((name, i) => `${i === 0 ? '?' : '&'}${encodeURIComponent(name)}=…`)
  return `${url.origin}${url.pathname}${names.join('')}`
}
