// How a key is recognized at a glance: the stamp (first eight characters of its thumbprint) and a colour stripe made from it.

/** `0ZcO CORZ`: two groups of four. */
export function stampOf(thumbprint: string): string {
  return `${thumbprint.slice(0, 4)} ${thumbprint.slice(4, 8)}`
}

/** Three hues, 0 to 359, from the first characters: the same key has the same stripe anywhere. */
export function stripeOf(thumbprint: string): readonly [number, number, number] {
  const hue = (from: number) => {
    let sum = 0
    for (const character of thumbprint.slice(from, from + 4)) sum = (sum * 31 + character.charCodeAt(0)) % 360
    return sum
  }
  return [hue(0), hue(4), hue(8)]
}
