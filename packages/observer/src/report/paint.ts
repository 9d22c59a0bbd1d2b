// Colours of the text report, where the terminal has them; every colour stands beside a mark and a word.

export type Paint = (colour: 'red' | 'green' | 'yellow' | 'bold' | 'dim', text: string) => string

const codes = { red: '31', green: '32', yellow: '33', bold: '1', dim: '2' } as const

export function painter(colour: boolean | undefined): Paint {
  return (name, text) => (colour ? `\u001b[${codes[name]}m${text}\u001b[0m` : text)
}
