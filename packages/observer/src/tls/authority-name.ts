// The distinguished name of an authority, from DER to the text of RFC 4514. Comparing names is not done here.
import { nameAttribute } from '@kimei/protocol'
import { childrenOf, derTags, readOid } from './der.ts'

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

const mostAttributes = 30
const mostCharacters = 300

/** Whatever a server sends becomes one line of bounded length; what is no name says how long it was. */
export function authorityName(der: Uint8Array): string {
  const entries = childrenOf(der, derTags.sequence)?.map((entry) => childrenOf(entry, derTags.set)?.map(attributeText))
  const read = entries?.length && entries.every((entry) => entry?.every((text) => text !== undefined))
  if (!read || entries.length > mostAttributes) return `(unreadable, ${der.length} bytes)`
  const text = entries
    .map((entry) => entry!.join('+'))
    .reverse()
    .join(',')
  return text.length > mostCharacters ? `${text.slice(0, mostCharacters)}…` : text
}

function attributeText(der: Uint8Array): string | undefined {
  const parts = childrenOf(der, derTags.sequence)
  const [type, value] = parts ?? []
  const oid = type && readOid(type)
  if (oid === undefined || value === undefined || parts?.length !== 2) return undefined
  const { text } = nameAttribute(oid, Buffer.from(value).toString('hex'))
  return `${shortNames[oid] ?? oid}=${text === undefined ? `#${Buffer.from(value).toString('hex').slice(0, 64)}` : escaped(text)}`
}

/** RFC 4514 §2.4; control characters are nobody's name. */
function escaped(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029]/gu, '\uFFFD').replace(/[",+;<>\\]|^[ #]| $/g, (character) => `\\${character}`)
}
