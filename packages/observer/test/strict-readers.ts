// Readers that refuse what a lenient one would mend: CSV by RFC 4180, XML 1.0 as far as a report uses it.

/** @throws Error where a record breaks RFC 4180. Every field must be quoted. */
export function readCsv(text: string): string[][] {
  if (!text.endsWith('\r\n')) throw new Error('no CRLF at the end')
  const records: string[][] = [[]]
  let at = 0
  while (at < text.length) {
    const field = /"((?:[^"]|"")*)"(,|\r\n)/y
    field.lastIndex = at
    const found = field.exec(text)
    if (!found) throw new Error(`no quoted field at ${at}: ${JSON.stringify(text.slice(at, at + 40))}`)
    records.at(-1)!.push(found[1]!.replaceAll('""', '"'))
    if (found[2] === '\r\n') records.push([])
    at = field.lastIndex
  }
  return records.slice(0, -1)
}

export interface XmlElement {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: XmlElement[]
}

const forbidden = /(?![\t\n\r])\p{Cc}|[\uFFFE\uFFFF]|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/u

/** @throws Error where it is not well formed. */
export function readXml(text: string): XmlElement {
  if (forbidden.test(text)) throw new Error('a character that XML does not allow')
  const body = text.replace(/^<\?xml version="1\.0" encoding="UTF-8"\?>\n/, '').trim()
  const top: XmlElement = { name: '', attributes: {}, children: [] }
  const open: XmlElement[] = [top]
  let at = 0
  while (at < body.length) {
    const token = /<(\/?)([a-z]+)((?: [a-z]+="[^"<]*")*)(\/?)>|([^<]+)/y
    token.lastIndex = at
    const found = token.exec(body)
    if (!found) throw new Error(`not well formed at ${at}: ${body.slice(at, at + 60)}`)
    const [, closing, name = '', attributes = '', empty, words] = found
    checkReferences(words ?? attributes)
    if (words === undefined) turn({ closing: closing === '/', empty: empty === '/', name, attributes }, open)
    at = token.lastIndex
  }
  if (open.length !== 1 || top.children.length !== 1) throw new Error('elements are left open')
  return top.children[0]!
}

interface Tag {
  readonly closing: boolean
  readonly empty: boolean
  readonly name: string
  readonly attributes: string
}

function turn({ closing, empty, name, attributes }: Tag, open: XmlElement[]): void {
  if (closing) {
    if (open.pop()!.name !== name) throw new Error(`</${name}> closes another element`)
    return
  }
  const pairs = [...attributes.matchAll(/ ([a-z]+)="([^"]*)"/g)].map(([, key, value]): [string, string] => [key!, value!])
  const element: XmlElement = { name, attributes: Object.fromEntries(pairs), children: [] }
  if (pairs.length !== Object.keys(element.attributes).length) throw new Error(`<${name}> has an attribute twice`)
  open.at(-1)!.children.push(element)
  if (!empty) open.push(element)
}

function checkReferences(text: string): void {
  if (/&(?!(?:amp|lt|gt|quot|apos|#39);)/.test(text)) throw new Error(`a bare & in ${text.slice(0, 60)}`)
}
