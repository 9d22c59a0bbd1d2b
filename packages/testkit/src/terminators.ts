// Real TLS terminators for tests: nginx, HAProxy and Apache of the machine, or copies of Debian's packages beside it.
// Each is started with a configuration of its own in a folder of its own, on loopback, and is stopped by its process.
import { type ChildProcess, spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export type TerminatorName = 'nginx' | 'haproxy' | 'apache2'
export const terminatorNames: readonly TerminatorName[] = ['nginx', 'haproxy', 'apache2']

/** What Debian calls them; of Apache the part that nothing starts by itself. */
export const terminatorPackages: Readonly<Record<TerminatorName, string>> = { nginx: 'nginx', haproxy: 'haproxy', apache2: 'apache2-bin' }
const remedy = `install them with: apt-get install -y --no-install-recommends ${Object.values(terminatorPackages).join(' ')}`

/** Where copies lie that are not installed: below node_modules, so that they are gone with them. */
export const carriedTerminators: string = fileURLToPath(new URL('../../../node_modules/.cache/kimei-terminators/', import.meta.url))

export interface FoundTerminator {
  readonly path: string
  /** What its absolute paths begin with: empty where it is installed. */
  readonly prefix: string
  readonly env: Readonly<Record<string, string>>
}

/**
 * On the machine, else carried. `KIMEI_TERMINATORS=carried` takes the carried ones, whatever the machine has.
 * @throws where it is neither; the message names the one command that helps.
 */
export function findTerminator(name: TerminatorName): FoundTerminator {
  const onMachine = process.env['KIMEI_TERMINATORS'] === 'carried' ? [] : ['/usr/sbin', ...(process.env['PATH'] ?? '').split(delimiter)]
  for (const folder of onMachine) {
    if (existsSync(join(folder, name))) return { path: join(folder, name), prefix: '', env: {} }
  }
  const path = join(carriedTerminators, 'usr/sbin', name)
  if (!existsSync(path)) throw new Error(`${name} is not on this machine; ${remedy}`)
  const libraries = readFileSync(join(carriedTerminators, 'libraries'), 'utf8').trim()
  return { path, prefix: carriedTerminators.replace(/\/$/, ''), env: { LD_LIBRARY_PATH: libraries } }
}

export interface TerminatorFiles {
  /** The part that is shown to operators, with the paths and ports of this test. */
  readonly config: string
  /** More files of the folder, by name. */
  readonly files: Readonly<Record<string, string>>
}

export interface RunningTerminator {
  readonly folder: string
  close(): Promise<void>
}

/** A folder that a server which gives up its rights can still enter. */
export function terminatorFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'kimei-terminator-'))
  chmodSync(folder, 0o755)
  return folder
}

/** Answers when it takes connections on `port`. `folder`: its own, from {@link terminatorFolder}; gone afterwards. */
export async function startTerminator(
  name: TerminatorName,
  { folder, port, config, files }: TerminatorFiles & { readonly folder: string; readonly port: number },
): Promise<RunningTerminator> {
  const found = findTerminator(name)
  mkdirSync(folder, { recursive: true })
  for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text)
  const { args, text } = commands[name](folder, config, found.prefix)
  writeFileSync(join(folder, 'terminator.conf'), text)
  const child = spawn(found.path, args, {
    cwd: folder,
    env: { PATH: process.env['PATH'], ...found.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (part: string) => {
      said += part
    })
  }
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  const close = async (): Promise<void> => {
    if (child.exitCode === null) child.kill('SIGTERM')
    const late = setTimeout(() => child.kill('SIGKILL'), 10_000)
    await ended
    clearTimeout(late)
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    await untilOpen(port, child)
  } catch (cause) {
    const log = join(folder, 'error.log')
    if (existsSync(log)) said += readFileSync(log, 'utf8')
    await close()
    throw new Error(`${name} does not listen on ${port}:\n${said}`, { cause })
  }
  return { folder, close }
}

async function untilOpen(port: number, child: ChildProcess): Promise<void> {
  for (let each = 0; each < 600; each += 1) {
    if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}`)
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(true))
      socket.on('error', () => resolve(false)).on('connect', () => socket.destroy())
    })
    if (open) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error('nothing within thirty seconds')
}

const isRoot = process.getuid?.() === 0

/** What stands around the part that is shown: where each may write, and that it stays in the foreground. */
const commands: Readonly<Record<TerminatorName, (folder: string, config: string, prefix: string) => { args: string[]; text: string }>> = {
  nginx: (folder, config) => ({
    args: ['-p', folder, '-c', join(folder, 'terminator.conf'), '-e', 'stderr'],
    text: `daemon off;
worker_processes 1;
pid nginx.pid;
error_log stderr;
${isRoot ? 'user root;' : ''}
events { worker_connections 64; }
http {
  access_log off;
  ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path temp-${kind};`).join(' ')}
${config}
}
`,
  }),
  haproxy: (folder, config) => ({
    args: ['-db', '-f', join(folder, 'terminator.conf')],
    text: `global
  maxconn 64
defaults
  mode http
  timeout connect 5s
  timeout client 30s
  timeout server 30s
${config}
`,
  }),
  apache2: (folder, config, prefix) => ({
    args: ['-d', folder, '-f', join(folder, 'terminator.conf'), '-DFOREGROUND'],
    text: `ServerRoot ${folder}
DefaultRuntimeDir ${folder}
PidFile ${folder}/apache.pid
Mutex fcntl:${folder}
ErrorLog ${folder}/error.log
ServerName localhost
StartServers 1
${isRoot ? 'User www-data\nGroup www-data' : ''}
${['mpm_event', 'authz_core', 'ssl', 'socache_shmcb', 'headers', 'proxy', 'proxy_http'].map((module) => `LoadModule ${module}_module ${prefix}/usr/lib/apache2/modules/mod_${module}.so`).join('\n')}
SSLSessionCache shmcb:${folder}/sessions(65536)
${config}
`,
  }),
}
