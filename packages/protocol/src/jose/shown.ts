// What a log line may show of a value that a stranger chose. Secrets are not passed here at all.

/** Short scalars as they are; the rest by kind. */
export function shown(value: unknown): string | number | boolean | null | undefined {
  if (typeof value === 'string') return value.length <= 128 ? value : `${value.slice(0, 125)}...`
  if (value === null || value === undefined || typeof value === 'number' || typeof value === 'boolean') return value
  return Array.isArray(value) ? '[array]' : '[object]'
}
