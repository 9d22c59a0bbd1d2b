// What the probes of authorization details need to know of an issuer: one type it takes, and one that this client may not ask for.

export interface DetailFacts {
  /** A type that the issuer publishes and the inventory does not call denied. */
  readonly detailsType: string | undefined
  readonly deniedDetailsType: string | undefined
}

export function detailFacts(published: unknown, denied: string | undefined): Readonly<Record<keyof DetailFacts, string | undefined>> {
  const types = Array.isArray(published) ? published.filter((type): type is string => typeof type === 'string' && type !== denied) : []
  return { detailsType: types[0], deniedDetailsType: denied }
}
