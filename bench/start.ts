// How soon the packed install is ready, and what it holds in memory when nobody asks: tarballs in an empty folder, as a user has them.
// Measured from the start of the process to the first answered request, on a database that has its keys already.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { installPacked } from '../tools/install-packed.ts'
import { buildPackages, packTarballs } from '../tools/pack.ts'
import { median } from './rounds.ts'
import { benchFolder } from './shared.ts'

export interface StartFigures {
  readonly readyMs: number
  readonly idleRssMb: number
}

/** Long enough for what a start leaves behind to be collected. */
const idleMs = 1500

/** Medians over `times` starts of `kimei serve`; the very first one, which makes the keys, does not count. */
export async function measureStart(times: number, tell: (line: string) => void): Promise<StartFigures> {
  const folder = benchFolder()
  try {
    tell('packing and installing')
    const built = await buildPackages(join(folder.path, 'built'))
    const tarballs = await packTarballs(built, join(folder.path, 'tarballs'))
    const manifests = new Map(built.map((one) => [one.name, one.manifest]))
    const modules = await installPacked('kimei', manifests, tarballs, join(folder.path, 'installed'))
    const port = await freePort()
    const config = join(folder.path, 'kimei.yaml')
    writeFileSync(config, `issuer: http://127.0.0.1:${port}\nlisten:\n  port: ${port}\nstorage:\n  sqlite: kimei.sqlite\n`)
    const command = [join(modules, 'kimei', binOf(modules)), 'serve', '--config', config]
    const figures: StartFigures[] = []
    for (let start = 0; start <= times; start++) {
      tell(`start ${start} of ${times}`)
      const one = await startOnce(command, `http://127.0.0.1:${port}/.well-known/openid-configuration`)
      if (start > 0) figures.push(one)
    }
    return { readyMs: median(figures.map((one) => one.readyMs)), idleRssMb: median(figures.map((one) => one.idleRssMb)) }
  } finally {
    folder.remove()
  }
}

function binOf(modules: string): string {
  const { bin } = JSON.parse(readFileSync(join(modules, 'kimei/package.json'), 'utf8')) as { bin: { kimei: string } }
  return bin.kimei
}

export async function startOnce(command: readonly string[], url: string): Promise<StartFigures> {
  const started = performance.now()
  const child = spawn(process.execPath, [...command], { stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-4000)
  })
  try {
    while ((await statusOf(url)) !== 200) {
      if (child.exitCode !== null) throw new Error(`kimei serve ended with ${child.exitCode}\n${said}`)
      if (performance.now() - started > 30_000) throw new Error('kimei serve was not ready in 30 s')
      await pause(2)
    }
    const readyMs = performance.now() - started
    await pause(idleMs)
    return { readyMs, idleRssMb: residentMb(child) }
  } finally {
    await end(child)
  }
}

function statusOf(url: string): Promise<number | undefined> {
  return new Promise((resolve) => {
    const request = http.get(url, { agent: false }, (response) => {
      response.resume()
      response.on('end', () => resolve(response.statusCode))
    })
    request.on('error', () => resolve(undefined))
  })
}

/** From the kernel: the product has no door for it. */
function residentMb({ pid }: ChildProcess): number {
  const status = `/proc/${pid}/status`
  const kilobytes = existsSync(status)
    ? /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(status, 'utf8'))?.[1]
    : execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })
  return Number(kilobytes) / 1024
}

function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return Promise.resolve()
  return new Promise((resolve) => {
    child.once('exit', () => resolve())
    child.kill('SIGTERM')
  })
}

export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}
