// HTML that is safe by how it is made: a template whose values are escaped unless they are markup themselves.
import { html as escaped } from '../written-safely.ts'

/** Finished HTML. Only this file makes it. */
export class Markup {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

type Value = string | number | Markup | undefined | readonly (string | number | Markup | undefined)[]

/** Text is escaped, markup stays, lists follow one another, nothing is nothing. */
export function h(parts: TemplateStringsArray, ...values: readonly Value[]): Markup {
  return new Markup(parts.map((part, index) => (index === 0 ? part : `${written(values[index - 1])}${part}`)).join(''))
}

function written(value: Value): string {
  if (value === undefined) return ''
  if (value instanceof Markup) return value.text
  if (typeof value === 'string') return escaped(value)
  return typeof value === 'number' ? String(value) : value.map(written).join('')
}

/** A drawing that our own code made, with its own texts escaped by it. */
export function drawing(svg: string): Markup {
  return new Markup(svg)
}

/** Markup only where a condition holds. */
export function when(condition: unknown, markup: () => Markup): Markup | undefined {
  return condition ? markup() : undefined
}
