// The demo's own memory: notes of each subject, in a database beside the issuer's.
import { existsSync, writeFileSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'

export interface Note {
  readonly id: number
  readonly text: string
}

export interface NoteShelf {
  read(owner: string): Note[]
  write(owner: string, text: string): Note
  close(): void
}

/** At most this many notes for one owner: it is a demo. */
const notesKept = 100

/** Opens the file, or makes it readable by its owner alone. */
export function openNoteShelf(file: string): NoteShelf {
  if (!existsSync(file)) writeFileSync(file, '', { mode: 0o600 })
  const database = new DatabaseSync(file)
  database.exec('PRAGMA journal_mode = WAL')
  database.exec('CREATE TABLE IF NOT EXISTS notes (id INTEGER PRIMARY KEY, owner TEXT NOT NULL, text TEXT NOT NULL) STRICT')
  const select = database.prepare('SELECT id, text FROM notes WHERE owner = ?1 ORDER BY id DESC LIMIT 20')
  const insert = database.prepare('INSERT INTO notes (owner, text) VALUES (?1, ?2) RETURNING id, text')
  const trim = database.prepare(
    'DELETE FROM notes WHERE owner = ?1 AND id NOT IN (SELECT id FROM notes WHERE owner = ?1 ORDER BY id DESC LIMIT ?2)',
  )
  return {
    read: (owner) => select.all(owner) as unknown as Note[],
    write(owner, text) {
      const note = insert.get(owner, text) as unknown as Note
      trim.run(owner, notesKept)
      return note
    },
    close: () => database.close(),
  }
}
