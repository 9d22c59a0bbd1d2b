// Attribute types of names (RFC 4519, RFC 5280 §4.1.2.4 and what certificates use beside them), and how the values of each are compared.

/** How values are compared (RFC 4517 §4.2). */
export type NameMatching = 'case-ignore' | 'exact'

const caseIgnore: readonly (readonly [oid: string, ...names: string[]])[] = [
  ['2.5.4.3', 'CN', 'commonName'],
  ['2.5.4.4', 'SN', 'surname'],
  ['2.5.4.5', 'serialNumber'],
  ['2.5.4.6', 'C', 'countryName'],
  ['2.5.4.7', 'L', 'localityName'],
  ['2.5.4.8', 'ST', 'stateOrProvinceName'],
  ['2.5.4.9', 'STREET', 'streetAddress'],
  ['2.5.4.10', 'O', 'organizationName'],
  ['2.5.4.11', 'OU', 'organizationalUnitName'],
  ['2.5.4.12', 'title'],
  ['2.5.4.15', 'businessCategory'],
  ['2.5.4.17', 'postalCode'],
  ['2.5.4.42', 'GN', 'givenName'],
  ['2.5.4.43', 'initials'],
  ['2.5.4.44', 'generationQualifier'],
  ['2.5.4.46', 'dnQualifier'],
  ['2.5.4.65', 'pseudonym'],
  ['2.5.4.97', 'organizationIdentifier'],
  ['0.9.2342.19200300.100.1.1', 'UID', 'userId'],
  ['0.9.2342.19200300.100.1.25', 'DC', 'domainComponent'],
  // RFC 2985 §5.2.1: compared as the whole attribute is, without regard to case.
  ['1.2.840.113549.1.9.1', 'emailAddress', 'E'],
  ['1.3.6.1.4.1.311.60.2.1.1', 'jurisdictionLocalityName'],
  ['1.3.6.1.4.1.311.60.2.1.2', 'jurisdictionStateOrProvinceName'],
  ['1.3.6.1.4.1.311.60.2.1.3', 'jurisdictionCountryName'],
]

const oids = new Map(caseIgnore.flatMap(([oid, ...names]) => names.map((name) => [name.toLowerCase(), oid] as const)))
const ignoringCase = new Set(caseIgnore.map(([oid]) => oid))
const numericOid = /^[0-2](?:\.(?:0|[1-9][0-9]*))+$/

/** The dotted OID of a name or an OID (RFC 4512 §1.4). `undefined`: nobody here knows it. */
export function attributeOid(name: string): string | undefined {
  return numericOid.test(name) ? name : oids.get(name.toLowerCase())
}

/** A type that is unknown here is compared exactly: nobody can say what of it is insignificant. */
export function matchingOf(oid: string): NameMatching {
  return ignoringCase.has(oid) ? 'case-ignore' : 'exact'
}

const whiteSpace = /[\t-\r\u0085\p{Z}]/gu
/** Controls, what is not shown, what is not assigned: RFC 4518 §2.2 passes some of them over, here they match nothing. */
const unmatchable = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Cn}\uFFFC\uFFFD]|\p{Variation_Selector}|\u034F/u

/** RFC 4518 §2 for caseIgnoreMatch: equal texts are equal afterwards. `undefined`: it matches nothing. */
export function prepareIgnoringCase(text: string): string | undefined {
  const mapped = text.replace(whiteSpace, ' ')
  if (unmatchable.test(mapped)) return undefined
  // The end of a word has its own small sigma, which folding does not know.
  const folded = mapped.normalize('NFKC').toLowerCase().replaceAll('\u03C2', '\u03C3').normalize('NFKC')
  if (unmatchable.test(folded)) return undefined
  return folded.replace(/ +/g, ' ').replace(/^ | $/g, '')
}
