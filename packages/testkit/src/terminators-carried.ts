// Copies of Debian's nginx, HAProxy and Apache beside the repository, for a machine that lacks them: fetched by apt, unpacked, never
// installed, so that nothing of the machine changes and nothing starts by itself.
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { carriedTerminators, terminatorPackages } from './terminators.ts'

export interface CarryOptions {
  /** What is installed on this machine. Default: dpkg's own list. */
  readonly status?: string
}

/** @throws where there is no apt, or nothing to fetch from. */
export async function carryTerminators({ status = '/var/lib/dpkg/status' }: CarryOptions = {}): Promise<void> {
  const shelf = dirname(carriedTerminators)
  mkdirSync(shelf, { recursive: true })
  const folder = mkdtempSync(join(shelf, 'fetching-'))
  try {
    for (const each of ['state/lists/partial', 'cache/archives/partial', 'root']) mkdirSync(join(folder, each), { recursive: true })
    const own = [`Dir::State=${folder}/state`, `Dir::State::status=${status}`, `Dir::Cache=${folder}/cache`]
    const settings = [...own, 'Debug::NoLocking=1', 'APT::Sandbox::User=root'].flatMap((each) => ['-o', each])
    await run('apt-get', [...settings, '-q', 'update'])
    await run('apt-get', [
      ...settings,
      '-yq',
      '--no-install-recommends',
      '--download-only',
      'install',
      ...Object.values(terminatorPackages),
    ])
    const archives = join(folder, 'cache/archives')
    for (const each of readdirSync(archives).filter((name) => name.endsWith('.deb')))
      await run('dpkg-deb', ['-x', join(archives, each), join(folder, 'root')])
    const home = carriedTerminators.replace(/\/$/, '')
    writeFileSync(join(folder, 'root/libraries'), libraries(join(folder, 'root'), home))
    rmSync(home, { recursive: true, force: true })
    renameSync(join(folder, 'root'), home)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Where shared libraries lie below `root`, as they will be called below `home`. */
function libraries(root: string, home: string): string {
  const folders = ['lib', 'usr/lib'].flatMap((each) => {
    const parent = join(root, each)
    const inner = existsSync(parent) ? readdirSync(parent).filter((name) => name.includes('-linux-')) : []
    return [each, ...inner.map((name) => join(each, name))]
  })
  return folders.map((each) => join(home, each)).join(':')
}

function run(command: string, args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }, stdio: ['ignore', 'pipe', 'pipe'] })
    let said = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (part: string) => {
        said += part
      })
    }
    child.on('error', reject)
    child.on('close', (code) => {
      if (code === 0) resolve()
      else reject(new Error(`${command} ended with ${code}: ${said.trim().split('\n').slice(-3).join(' / ')}`))
    })
  })
}
