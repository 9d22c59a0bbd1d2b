// The Chromium inside @sparticuz/chromium, unpacked once beside the package, with the few libraries a bare machine lacks.
// Its own launcher is not used: it looks for a cloud function, and its flags switch off what the tests are about (web security).
import { createReadStream, createWriteStream } from 'node:fs'
import { access, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { brotliDecompressSync, createBrotliDecompress } from 'node:zlib'
import type { FoundChromium } from './chromium.ts'

export async function carriedChromium(): Promise<FoundChromium> {
  const carrier = join(dirname(createRequire(import.meta.url).resolve('@sparticuz/chromium')), '..')
  const { version } = JSON.parse(await readFile(join(carrier, 'package.json'), 'utf8')) as { version: string }
  const shelf = join(carrier, '..', '..', '.cache', 'kimei')
  const home = join(shelf, `chromium-${version}`)
  const isThere = await access(home).then(
    () => true,
    () => false,
  )
  if (!isThere) await unpack(join(carrier, 'bin'), shelf, home)
  return {
    executablePath: join(home, 'chromium'),
    env: {
      LD_LIBRARY_PATH: [join(home, 'lib'), process.env['LD_LIBRARY_PATH']].filter(Boolean).join(':'),
      FONTCONFIG_FILE: join(home, 'fonts.conf'),
    },
  }
}

/** Into a folder of its own, then moved: several test processes may come at once, and none sees half a browser. */
async function unpack(from: string, shelf: string, home: string): Promise<void> {
  await mkdir(shelf, { recursive: true })
  const folder = await mkdtemp(join(shelf, 'unpacking-'))
  try {
    await pipeline(
      createReadStream(join(from, 'chromium.br')),
      createBrotliDecompress(),
      createWriteStream(join(folder, 'chromium'), { mode: 0o755 }),
    )
    for (const archive of ['al2023.tar.br', 'fonts.tar.br']) {
      await untar(brotliDecompressSync(await readFile(join(from, archive))), folder)
    }
    const fonts = `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig><dir>${home}</dir><dir>/usr/share/fonts</dir></fontconfig>\n`
    await writeFile(join(folder, 'fonts.conf'), fonts)
    await rename(folder, home)
  } catch (error) {
    await rm(folder, { recursive: true, force: true })
    // Another process was first: what it unpacked is as good.
    const code = (error as NodeJS.ErrnoException).code
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error
  }
}

/** Plain files of a ustar archive; links and the like are not in these. */
async function untar(archive: Buffer, folder: string): Promise<void> {
  const text = (at: number, length: number) => archive.toString('utf8', at, at + length).replace(/\0.*$/s, '')
  for (let at = 0; at + 512 <= archive.length && archive[at] !== 0; ) {
    const name = text(at, 100)
    const size = Number.parseInt(text(at + 124, 12), 8)
    const isFile = ['0', ''].includes(text(at + 156, 1))
    if (isFile && !name.split('/').includes('..')) {
      const path = join(folder, name)
      await mkdir(dirname(path), { recursive: true })
      await writeFile(path, archive.subarray(at + 512, at + 512 + size), { mode: 0o755 })
    }
    at += 512 + Math.ceil(size / 512) * 512
  }
}
