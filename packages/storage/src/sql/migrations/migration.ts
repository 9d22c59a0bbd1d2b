// What a migration is. Forward only: a number once published never changes, and version N still works on the tables of N+1.

export interface Migration {
  /** 1, 2, 3 …: without gaps. */
  readonly number: number
  readonly name: string
  /** The DDL of each engine; DDL is the one thing they do not share. */
  readonly sqlite: string
}
