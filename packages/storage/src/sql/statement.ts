// What an SQL statement of the product is.

/** What a statement answers: `rows` it read, or how many it `changed`. */
export interface Statement {
  readonly text: string
  readonly answers: 'rows' | 'changes'
}

export const reads = (text: string): Statement => ({ text, answers: 'rows' })
export const writes = (text: string): Statement => ({ text, answers: 'changes' })
