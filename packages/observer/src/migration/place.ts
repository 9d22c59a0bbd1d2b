// Reads JSON of unknown shape without losing the place: every value knows its path in the file.

export interface Place {
  readonly value: unknown
  /** `clients[3].redirectUris[0]`; empty at the top. */
  readonly at: string
}

export interface Said<T> {
  readonly value: T
  readonly at: string
}

/** Own members only; `undefined` where the member is not there. */
export function member({ value, at }: Place, name: string): Place {
  const found = isRecord(value) && Object.hasOwn(value, name) ? value[name] : undefined
  const step = /^[A-Za-z_][\w-]*$/.test(name) ? name : `["${name}"]`
  return { value: found, at: at === '' || step.startsWith('[') ? `${at}${step}` : `${at}.${step}` }
}

/** The first of these members that is there. */
export function firstMember(place: Place, names: readonly string[]): Place {
  const found = names.map((name) => member(place, name)).find(({ value }) => value !== undefined)
  return found ?? member(place, names[0] as string)
}

export function items({ value, at }: Place): readonly Place[] {
  return Array.isArray(value) ? value.map((one: unknown, index) => ({ value: one, at: `${at}[${index}]` })) : []
}

export function text({ value, at }: Place): Said<string> | undefined {
  return typeof value === 'string' && value !== '' ? { value, at } : undefined
}

/** The texts of a list; a single text counts as a list of one. */
export function texts(place: Place): readonly Said<string>[] {
  const one = text(place)
  return one ? [one] : items(place).flatMap((item) => text(item) ?? [])
}

/** true and false, also as Keycloak writes them in attributes. */
export function flag({ value, at }: Place): Said<boolean> | undefined {
  if (typeof value === 'boolean') return { value, at }
  return value === 'true' || value === 'false' ? { value: value === 'true', at } : undefined
}

const units: Readonly<Record<string, number>> = { ns: 1e-9, us: 1e-6, µs: 1e-6, ms: 1e-3, s: 1, m: 60, h: 3600 }

/** Seconds: a number, a text of digits, or a span such as `1h30m`. */
export function seconds({ value, at }: Place): Said<number> | undefined {
  if (typeof value === 'number' && Number.isFinite(value)) return { value, at }
  if (typeof value !== 'string') return undefined
  if (/^\d{1,12}$/.test(value)) return { value: Number(value), at }
  if (!/^(\d{1,12}(?:\.\d{1,9})?(?:ns|us|µs|ms|s|m|h)){1,6}$/.test(value)) return undefined
  const parts = [...value.matchAll(/([\d.]+)([a-zµ]+)/g)]
  return { value: parts.reduce((sum, [, count, unit]) => sum + Number(count) * (units[unit as string] ?? 0), 0), at }
}

export function has(place: Place, ...names: readonly string[]): boolean {
  return names.some((name) => member(place, name).value !== undefined)
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
