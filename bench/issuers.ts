// `npm run bench -- --issuers`: what it costs to have 10,000 issuers beside one, at the start and in memory when nobody asks.
// Both are `kimei serve` over a folder with one file an issuer, from source; only the number of files differs.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { median } from './rounds.ts'
import { benchFolder } from './shared.ts'
import { freePort, type StartFigures, startOnce } from './start.ts'

export interface IssuersFigures extends StartFigures {
  readonly issuers: number
}

const cli = fileURLToPath(new URL('../packages/kimei/src/cli.ts', import.meta.url))

/** Medians over `times` starts, until the first answer of one issuer; the first start, which makes its keys, does not count. */
export async function measureIssuers(
  counts: readonly number[],
  times: number,
  tell: (line: string) => void,
): Promise<readonly IssuersFigures[]> {
  const all: IssuersFigures[] = []
  for (const issuers of counts) {
    const folder = benchFolder()
    try {
      const { config, url } = await layOut(folder.path, issuers)
      const figures: StartFigures[] = []
      for (let start = 0; start <= times; start += 1) {
        tell(`${issuers} issuers, start ${start} of ${times}`)
        const one = await startOnce([cli, 'serve', '--config', config], url)
        if (start > 0) figures.push(one)
      }
      all.push({ issuers, readyMs: median(figures.map((one) => one.readyMs)), idleRssMb: median(figures.map((one) => one.idleRssMb)) })
    } finally {
      folder.remove()
    }
  }
  return all
}

async function layOut(path: string, issuers: number): Promise<{ readonly config: string; readonly url: string }> {
  const port = await freePort()
  const place = join(path, 'issuers', `127.0.0.1_${port}`)
  mkdirSync(place, { recursive: true })
  const names = Array.from({ length: issuers }, (_, index) => `tenant-${index}`)
  for (const name of names) writeFileSync(join(place, `${name}.yaml`), `issuer: http://127.0.0.1:${port}/${name}\n`)
  const config = join(path, 'kimei.yaml')
  writeFileSync(config, `listen: { port: ${port} }\nissuersFolder: issuers\nstorage: { sqlite: kimei.sqlite }\n`)
  return { config, url: `http://127.0.0.1:${port}/${names.at(-1)}/.well-known/openid-configuration` }
}

export function printIssuers(figures: readonly IssuersFigures[]): void {
  console.log(`\n  ${'issuers'.padStart(8)}${'first answer, ms'.padStart(20)}${'MB when idle'.padStart(16)}\n`)
  for (const { issuers, readyMs, idleRssMb } of figures) {
    console.log(`  ${String(issuers).padStart(8)}${readyMs.toFixed(0).padStart(20)}${idleRssMb.toFixed(0).padStart(16)}`)
  }
}
