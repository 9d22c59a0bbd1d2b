// Bytes of a file as pieces of text: packed or not, cut off or not, never more than a bound. Nothing is kept.
import { PassThrough, Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { Misuse } from '@kimei/protocol'

export type Bytes = AsyncIterable<Uint8Array>

export interface Pieces extends AsyncIterable<string> {
  /** Once read to the end: whether the packing ended as it should, and the bound was not reached. */
  readonly whole: () => boolean
}

/** Unpacked; more than a recording of a day, less than a disk. */
export const mostBytes = 4 * 1024 * 1024 * 1024

/** Gzip is known by its first two bytes. @throws Misuse where it is text of another encoding, or no text. */
export function textPieces(bytes: Bytes, most = mostBytes): Pieces {
  let whole = true
  const read = async function* (): AsyncGenerator<string> {
    const decoder = new TextDecoder('utf-8')
    let size = 0
    let first = true
    try {
      for await (const part of unpacked(bytes)) {
        if (first && looksBinary(part)) throw new Misuse(['it is no text'])
        first = false
        size += part.length
        if (size > most) {
          whole = false
          break
        }
        yield decoder.decode(part, { stream: true })
      }
    } catch (error) {
      if (!isCutPacking(error)) throw error
      whole = false
    }
    yield decoder.decode()
  }
  return { [Symbol.asyncIterator]: () => read(), whole: () => whole }
}

async function* unpacked(bytes: Bytes): AsyncGenerator<Uint8Array> {
  const source = bytes[Symbol.asyncIterator]()
  const first = await source.next()
  if (first.done) return
  const rest = async function* () {
    yield first.value
    for (let next = await source.next(); !next.done; next = await source.next()) yield next.value
  }
  if (first.value[0] !== 0x1f || first.value[1] !== 0x8b) {
    yield* rest()
    return
  }
  const packed = Readable.from(rest(), { objectMode: false })
  const open = createGunzip({ chunkSize: 65_536 })
  const out = new PassThrough({ highWaterMark: 65_536 })
  packed.on('error', (error) => out.destroy(error))
  open.on('error', (error) => out.destroy(error))
  packed.pipe(open).pipe(out)
  try {
    yield* out as AsyncIterable<Uint8Array>
  } finally {
    packed.destroy()
    open.destroy()
  }
}

function looksBinary(part: Uint8Array): boolean {
  return part.subarray(0, 512).includes(0)
}

function isCutPacking(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  if (code === 'Z_DATA_ERROR') throw new Misuse(['its packing (gzip) is broken'])
  return code === 'Z_BUF_ERROR'
}

/** Lines of at most `longest` characters; longer ones are cut. */
export async function* lines(pieces: AsyncIterable<string>, longest = 1_048_576): AsyncGenerator<string> {
  let rest = ''
  let dropping = false
  for await (const piece of pieces) {
    const parts = piece.split('\n')
    const last = parts.pop()!
    for (const part of parts) {
      if (!dropping) yield (rest + part).slice(0, longest)
      rest = ''
      dropping = false
    }
    if (dropping) continue
    rest += last
    if (rest.length <= longest) continue
    yield rest.slice(0, longest)
    rest = ''
    dropping = true
  }
  if (rest !== '' && !dropping) yield rest
}

/** The whole of it. @throws Misuse beyond `most` bytes. */
export async function wholeText(pieces: Pieces, most: number): Promise<string> {
  const parts: string[] = []
  let size = 0
  for await (const piece of pieces) {
    size += piece.length
    if (size > most) throw new Misuse([`it is larger than ${Math.round(most / 1024 / 1024)} MiB`])
    parts.push(piece)
  }
  return parts.join('')
}

const beginning = 65_536

/** The beginning, and all of it again. */
export async function peekText(pieces: Pieces): Promise<{ readonly head: string; readonly pieces: Pieces }> {
  const source = pieces[Symbol.asyncIterator]()
  const seen: string[] = []
  let size = 0
  let ended = false
  while (size < beginning && !ended) {
    const next = await source.next()
    ended = next.done === true
    if (next.done) break
    seen.push(next.value)
    size += next.value.length
  }
  const all = async function* (): AsyncGenerator<string> {
    yield* seen.splice(0)
    for (let next = await source.next(); !next.done; next = await source.next()) yield next.value
  }
  return { head: seen.join('').slice(0, beginning), pieces: { [Symbol.asyncIterator]: all, whole: pieces.whole } }
}
