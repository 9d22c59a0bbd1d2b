// Cells a text takes in a terminal: counted by themselves, so that the alignment is not measured with its own ruler.

export function cells(text: string): number {
  return [...text].reduce(
    (sum, character) => sum + (/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}（）、。・「」：ー]/u.test(character) ? 2 : 1),
    0,
  )
}
