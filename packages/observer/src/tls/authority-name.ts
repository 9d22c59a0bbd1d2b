// The distinguished name of an authority, from DER to the text of RFC 4514. Comparing names is not done here.
import { nameAttribute } from '@kimei/protocol'

const shortNames: Readonly<Record<string, string>> = {
  '2.5.4.3': 'CN',
  '2.5.4.5': 'serialNumber',
  '2.5.4.6': 'C',
  '2.5.4.7': 'L',
  '2.5.4.8': 'ST',
  '2.5.4.9': 'STREET',
  '2.5.4.10': 'O',
  '2.5.4.11': 'OU',
  '2.5.4.97': 'organizationIdentifier',
  '0.9.2342.19200300.100.1.1': 'UID',
  '0.9.2342.19200300.100.1.25': 'DC',
  '1.2.840.113549.1.9.1': 'emailAddress',
}

const tags = { oid: 0x06, sequence: 0x30, set: 0x31 } as const
const mostAttributes = 30
const mostCharacters = 300

/** Whatever a server sends becomes one line of bounded length; what is no name says how long it was. */
export function authorityName(der: Uint8Array): string {
  const entries = childrenOf(der, tags.sequence)?.map((entry) => childrenOf(entry, tags.set)?.map(attributeText))
  const read = entries?.length && entries.every((entry) => entry?.every((text) => text !== undefined))
  if (!read || entries.length > mostAttributes) return `(unreadable, ${der.length} bytes)`
  const text = entries
    .map((entry) => entry!.join('+'))
    .reverse()
    .join(',')
  return text.length > mostCharacters ? `${text.slice(0, mostCharacters)}…` : text
}

function attributeText(der: Uint8Array): string | undefined {
  const parts = childrenOf(der, tags.sequence)
  const [type, value] = parts ?? []
  const oid = type && oidOf(type)
  if (oid === undefined || value === undefined || parts?.length !== 2) return undefined
  const { text } = nameAttribute(oid, Buffer.from(value).toString('hex'))
  return `${shortNames[oid] ?? oid}=${text === undefined ? `#${Buffer.from(value).toString('hex').slice(0, 64)}` : escaped(text)}`
}

/** RFC 4514 §2.4; control characters are nobody's name. */
function escaped(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]/gu, '\uFFFD').replace(/[",+;<>\\]|^[ #]| $/g, (character) => `\\${character}`)
}

/** The elements inside one element of this tag, each whole. `undefined`: lengths or tag do not fit. */
function childrenOf(der: Uint8Array, tag: number): Uint8Array[] | undefined {
  const outer = elementAt(der, 0)
  if (outer === undefined || der[0] !== tag || outer.end !== der.length) return undefined
  const children: Uint8Array[] = []
  for (let at = outer.start; at < der.length; ) {
    const child = elementAt(der, at)
    if (child === undefined) return undefined
    children.push(der.subarray(at, child.end))
    at = child.end
  }
  return children
}

function elementAt(der: Uint8Array, at: number): { readonly start: number; readonly end: number } | undefined {
  const first = der[at + 1]
  if (first === undefined) return undefined
  const more = first < 0x80 ? 0 : first & 0x7f
  if (first === 0x80 || more > 3) return undefined
  const length = more === 0 ? first : der.subarray(at + 2, at + 2 + more).reduce((sum, byte) => sum * 256 + byte, 0)
  const start = at + 2 + more
  return start + length > der.length ? undefined : { start, end: start + length }
}

function oidOf(der: Uint8Array): string | undefined {
  const element = elementAt(der, 0)
  if (der[0] !== tags.oid || element === undefined || element.end !== der.length || element.start === element.end) return undefined
  const arcs: number[] = []
  let arc = 0
  for (const byte of der.subarray(element.start)) {
    arc = arc * 128 + (byte & 127)
    if (byte < 128) {
      arcs.push(arc)
      arc = 0
    }
  }
  const [first = 0, ...rest] = arcs
  const top = Math.min(Math.floor(first / 40), 2)
  return [top, first - top * 40, ...rest].join('.')
}
