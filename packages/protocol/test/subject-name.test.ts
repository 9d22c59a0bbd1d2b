// Names of certificates: read from RFC 4514 texts and from DER, compared as names.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { attributeOid, canonicalName, nameAttribute, parseSubjectName, prepareIgnoringCase, type SubjectName } from '../src/index.ts'

const canonical = (text: string): string | undefined => {
  const name = parseSubjectName(text)
  return name && canonicalName(name)
}
const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

/** DER of one string of a tag. */
function der(tag: number, bytes: Uint8Array): string {
  const { length } = bytes
  const head = length < 128 ? [tag, length] : length < 256 ? [tag, 0x81, length] : [tag, 0x82, length >> 8, length & 255]
  return hexOf(Uint8Array.from([...head, ...bytes]))
}
const utf8 = (text: string): string => der(0x0c, new TextEncoder().encode(text))

/** As a certificate has it: the root first, each value a UTF8String. */
function certified(...entries: readonly (readonly (readonly [type: string, value: string])[])[]): SubjectName {
  return entries.map((entry) => entry.map(([type, value]) => nameAttribute(attributeOid(type) ?? type, utf8(value))))
}
const matches = (text: string, name: SubjectName): boolean => {
  const expected = canonical(text)
  return expected !== undefined && expected === canonicalName(name)
}

/** RFC 4514 §2.4, written here on its own. */
function escaped(value: string): string {
  return [...value]
    .map((character, at, all) => {
      if (character === '\0') return '\\00'
      const edge = (character === ' ' && (at === 0 || at === all.length - 1)) || (character === '#' && at === 0)
      return edge || '"+,;<>\\'.includes(character) ? `\\${character}` : character
    })
    .join('')
}

describe('texts of names (RFC 4514)', () => {
  it('MTLS-2.1.2-02: the examples of RFC 4514 §4 are the names that they say', () => {
    expect(matches('UID=jsmith,DC=example,DC=net', certified([['DC', 'net']], [['DC', 'example']], [['UID', 'jsmith']]))).toBe(true)
    const sales = certified(
      [['DC', 'net']],
      [['DC', 'example']],
      [
        ['CN', 'J.  Smith'],
        ['OU', 'Sales'],
      ],
    )
    expect(matches('OU=Sales+CN=J.  Smith,DC=example,DC=net', sales)).toBe(true)
    const james = certified([['DC', 'net']], [['DC', 'example']], [['CN', 'James "Jim" Smith, III']])
    expect(matches('CN=James \\"Jim\\" Smith\\, III,DC=example,DC=net', james)).toBe(true)
    expect(parseSubjectName('CN=Before\\0dAfter,DC=example,DC=net')?.[2]).toEqual([{ type: '2.5.4.3', text: 'Before\rAfter' }])
    const octets = [[nameAttribute('1.3.6.1.4.1.1466.0', '04024869')]]
    expect(matches('1.3.6.1.4.1.1466.0=#04024869', octets)).toBe(true)
    expect(matches('CN=Lu\\C4\\8Di\\C4\\87', certified([['CN', 'Lučić']]))).toBe(true)
  })

  it('MTLS-2.1.2-02: names of types and their dotted form are one; so are cases and insignificant spaces', () => {
    const name = certified([['C', 'JP']], [['O', 'Example K.K.']], [['CN', 'Nightly  Job']])
    for (const text of [
      'CN=Nightly Job,O=Example K.K.,C=JP',
      'cn=nightly job,o=EXAMPLE k.k.,c=jp',
      '2.5.4.3=Nightly Job,2.5.4.10=Example K.K.,2.5.4.6=JP',
      'commonName=Nightly Job, organizationName=Example K.K., countryName=JP',
      'CN=\\ Nightly  Job\\ ,O=Example K.K.,C=JP',
      `CN=#${utf8('Nightly Job')},O=#${der(0x13, new TextEncoder().encode('Example K.K.'))},C=JP`,
    ])
      expect(matches(text, name), text).toBe(true)
  })

  it('MTLS-2.1.2-02: the order of entries counts, the order within one does not', () => {
    const pair: readonly (readonly [string, string])[] = [
      ['CN', 'a'],
      ['OU', 'b'],
    ]
    expect(matches('CN=a+OU=b,O=c', certified([['O', 'c']], pair))).toBe(true)
    expect(matches('OU=b+CN=a,O=c', certified([['O', 'c']], pair))).toBe(true)
    expect(matches('O=c,CN=a+OU=b', certified([['O', 'c']], pair))).toBe(false)
    expect(matches('CN=a,OU=b,O=c', certified([['O', 'c']], pair))).toBe(false)
    expect(matches('CN=a+OU=b', certified([['O', 'c']], pair))).toBe(false)
  })

  it.each([
    ['an empty text', ''],
    ['no value', 'CN='],
    ['no type', '=a'],
    ['an unknown type', 'FAVOURITEDRINK=tea'],
    ['an OID with a leading zero', '02.5.4.3=a'],
    ['a separator at the end', 'CN=a,'],
    ['a separator of older texts', 'CN=a;O=b'],
    ['quotation marks', 'CN="a"'],
    ['half an escape', 'CN=a\\'],
    ['half a pair', 'CN=a\\C'],
    ['an escape of a letter', 'CN=a\\z'],
    ['octets that are no UTF-8', 'CN=\\C4'],
    ['a space before the value', 'CN= a'],
    ['a space after the value', 'CN=a '],
    ['hex with an odd digit', 'CN=#0c016'],
    ['hex with more behind it', 'CN=#0c0161 x'],
    ['a plain NUL', 'CN=a\0b'],
    ['half a surrogate', 'CN=\uD800'],
    ['slashes', '/C=JP/CN=a'],
    ['2001 characters', `CN=${'a'.repeat(2000)}`],
  ])('MTLS-2.1.2-01: %s is no name', (_what, text) => {
    expect(parseSubjectName(text)).toBeUndefined()
  })

  it('MTLS-2.1.2-02: values of every string type are read, junk is compared as octets', () => {
    const job = new TextEncoder().encode('job')
    for (const tag of [0x0c, 0x12, 0x13, 0x14, 0x16]) expect(matches('CN=job', [[nameAttribute('2.5.4.3', der(tag, job))]])).toBe(true)
    expect(matches('CN=job', [[nameAttribute('2.5.4.3', der(0x1e, Uint8Array.from([0, 0x6a, 0, 0x6f, 0, 0x62])))]])).toBe(true)
    const points = Uint8Array.from([0, 0, 0, 0x6a, 0, 0, 0, 0x6f, 0, 0, 0, 0x62])
    expect(matches('CN=job', [[nameAttribute('2.5.4.3', der(0x1c, points))]])).toBe(true)
    for (const hex of [der(0x04, job), der(0x14, Uint8Array.from([0xe9])), `${der(0x0c, job)}00`, '0c80', '0c', '']) {
      const name = [[nameAttribute('2.5.4.3', hex)]]
      expect(name[0]?.[0]?.text, hex).toBeUndefined()
      expect(matches('CN=job', name), hex).toBe(false)
      if (hex !== '') expect(matches(`CN=#${hex}`, name), hex).toBe(true)
    }
  })

  it('MTLS-2.1.2-02: of a type that nobody knows every character counts', () => {
    const name = [[nameAttribute('1.2.3.4', utf8('Job'))]]
    expect(matches('1.2.3.4=Job', name)).toBe(true)
    expect(matches('1.2.3.4=job', name)).toBe(false)
    expect(matches('1.2.3.4=Job\\ ', name)).toBe(false)
  })

  it('MTLS-2.1.2-02: what is not shown makes a name that matches nothing, not one that looks alike', () => {
    for (const hidden of ['\0', '\u00AD', '\u200B', '\u202E', '\u034F', '\uFE0F', '\uFFFD', '\u{E0041}', '\uE000']) {
      const name = certified([['CN', `jo${hidden}b`]])
      expect(canonicalName(name), JSON.stringify(hidden)).toBeUndefined()
      expect(matches('CN=job', name)).toBe(false)
      expect(prepareIgnoringCase(`jo${hidden}b`)).toBeUndefined()
    }
    // The same letters, written otherwise, are the same (RFC 4518 §2.3, §2.2).
    expect(prepareIgnoringCase('ΟΔΟΣ')).toBe(prepareIgnoringCase('οδος'))
    expect(prepareIgnoringCase('e\u0301')).toBe(prepareIgnoringCase('\u00E9'))
    // Nobody but a Turk folds these.
    expect(prepareIgnoringCase('ı')).not.toBe(prepareIgnoringCase('i'))
  })
})

describe('crafted names', () => {
  const value = fc
    .string({ unit: fc.constantFrom(...'ab AB,+=#"\\<>;\0éß日', '\\2C', ',CN=b', '+OU=b'), minLength: 1, maxLength: 8 })
    .filter((text) => text.trim() !== '')
  const types = ['CN', 'OU', 'O', '1.2.3.4'] as const
  const entry = fc.array(fc.tuple(fc.constantFrom(...types), value), { minLength: 1, maxLength: 3 })
  const entries = fc.array(entry, { minLength: 1, maxLength: 3 })
  type Entries = readonly (readonly (readonly [string, string])[])[]
  const textOf = (all: Entries): string =>
    [...all]
      .reverse()
      .map((one) => one.map(([type, text]) => `${type}=${escaped(text)}`).join('+'))
      .join(',')
  /** What the names mean, by the words of RFC 4518 for these characters alone. */
  const meaning = (all: Entries): string =>
    JSON.stringify(
      all.map((one) =>
        one.map(([type, text]) => JSON.stringify([type, type === '1.2.3.4' ? text : text.toLowerCase().replace(/ +/g, ' ').trim()])).sort(),
      ),
    )
  const isShown = (all: Entries): boolean => all.flat().every(([type, text]) => type === '1.2.3.4' || !text.includes('\0'))

  it('MTLS-2.1.2-02: a name written and read again is itself', () => {
    fc.assert(
      fc.property(entries, (all) => matches(textOf(all), certified(...all)) === isShown(all)),
      { numRuns: 2000 },
    )
  })

  it('MTLS-2.1.2-02: no escape makes one name pass for another', () => {
    fc.assert(
      fc.property(entries, entries, (a, b) => {
        const same = meaning(a) === meaning(b) && isShown(a)
        return matches(textOf(a), certified(...b)) === same
      }),
      { numRuns: 5000 },
    )
  })

  it('MTLS-2.1.2-02: a value that spells another name, unescaped and with every escape, stays a value', () => {
    for (const crafted of ['job,O=Bank', 'job\\,O=Bank', 'job+OU=Bank', '#0c036a6f62', 'job\\2CO=Bank', 'job, O=Bank', 'job\nO=Bank']) {
      const name = certified([['CN', crafted]])
      for (const text of ['CN=job,O=Bank', 'O=Bank,CN=job', 'CN=job+OU=Bank', 'CN=job', 'CN=job, O=Bank', 'CN=#0c036a6f62'])
        expect(matches(text, name), `${crafted} | ${text}`).toBe(false)
      expect(matches(`CN=${escaped(crafted)}`, name), crafted).toBe(true)
    }
  })

  it('MTLS-2.1.2-02: no text whatever makes the reader throw', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
        const name = parseSubjectName(text)
        return name === undefined || ['string', 'undefined'].includes(typeof canonicalName(name))
      }),
      { numRuns: 2000 },
    )
  })
})
