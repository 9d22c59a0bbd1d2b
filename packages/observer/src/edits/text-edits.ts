// Small changes of a text that keep its length and alphabet.

/** The same text with its first letter turned into another one. */
export function otherSameLength(text: string): string {
  return (text.startsWith('A') ? 'B' : 'A') + text.slice(1)
}
