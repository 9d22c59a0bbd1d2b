// Where the configurations of many issuers are: in a list of one file, or in a folder with one file each, read when it is asked for.
import { readdirSync, statSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { Misuse } from '@kimei/protocol'
import { type IssuerConfig, type IssuerSource, parseIssuerConfig, unroutable } from '@kimei/server'
import { inFile, readYaml } from '../files/read-yaml.ts'
import { withPemFiles } from './pem-files.ts'

/** @throws Misuse with the mistakes of all of them together. */
export function readList(list: readonly unknown[]): readonly IssuerConfig[] {
  const mistakes: string[] = []
  const configs: IssuerConfig[] = []
  for (const [index, input] of list.entries()) {
    const name = (input as { readonly issuer?: unknown } | null)?.issuer
    const where = `issuers[${index}]${typeof name === 'string' ? ` (${name})` : ''}`
    try {
      const config = parseIssuerConfig(input)
      if (configs.some(({ issuer }) => issuer === config.issuer)) mistakes.push(`${where}: is declared twice`)
      const lost = unroutable(config.issuer)
      if (lost !== undefined) mistakes.push(`${where}: ${lost}`)
      configs.push(config)
    } catch (error) {
      if (!(error instanceof Misuse)) throw error
      mistakes.push(...error.mistakes.map((mistake) => `${where}: ${mistake}`))
    }
  }
  mistakes.push(...checkMtlsUrls(configs))
  if (mistakes.length > 0) throw new Misuse(mistakes)
  return configs
}

export function listSource(configs: readonly IssuerConfig[]): IssuerSource {
  const byName = new Map(configs.map((config) => [config.issuer, config]))
  const byMtlsUrl = new Map(configs.flatMap(({ issuer, mtls }) => (mtls ? [[mtls.url, issuer] as const] : [])))
  return {
    stamp: (name) => (byName.has(name) ? 'as started' : undefined),
    issuerAt: (url) => byMtlsUrl.get(url),
    load: (name) => byName.get(name) as IssuerConfig,
  }
}

/** Two issuers at one place for certificates could not be told apart. */
export function checkMtlsUrls(configs: readonly IssuerConfig[]): readonly string[] {
  const urls = configs.flatMap(({ mtls }) => (mtls ? [mtls.url] : []))
  const names = new Set(configs.map(({ issuer }) => issuer))
  return [
    ...new Set(urls.filter((url, at) => urls.indexOf(url) !== at).map((url) => `mtls.url "${url}" belongs to two issuers`)),
    ...urls.filter((url) => names.has(url)).map((url) => `mtls.url "${url}" is another issuer`),
  ]
}

const extension = '.yaml'
/** How long a look at the folder is good: a change is seen after that. */
const lookMs = 2000
const mostLooks = 20_000
/** Nothing else becomes part of a path: no dots that climb, no name that could be spelled in two ways. */
const nameShape = /^(https?):\/\/([a-z0-9-]+(?:\.[a-z0-9-]+)*)(?::(\d{1,5}))?((?:\/[A-Za-z0-9_~-][A-Za-z0-9._~-]{0,99})*)$/
const loopback = new Set(['127.0.0.1', 'localhost'])

/** `https://id.example:8443/sales` is in `id.example_8443/sales.yaml`; without a path in `id.example_8443.yaml`. Loopback is http. */
export function fileOf(folder: string, name: string): string | undefined {
  const [, scheme, host = '', port, path = ''] = nameShape.exec(name) ?? []
  if (scheme === undefined || (scheme === 'http') !== loopback.has(host)) return undefined
  return join(folder, `${host}${port === undefined ? '' : `_${port}`}${path}${extension}`)
}

/** `mtlsHosts`: for clients with certificates, host to host of the issuer. */
export function folderSource(folder: string, mtlsHosts: Readonly<Record<string, string>> = {}): IssuerSource {
  const hosts = new Map(Object.entries(mtlsHosts))
  let looks = new Map<string, { readonly stamp: string | undefined; readonly until: number }>()
  return {
    stamp(name) {
      const now = performance.now()
      const known = looks.get(name)
      if (known && now < known.until) return known.stamp
      if (looks.size >= mostLooks) looks = new Map()
      const stamp = stampOf(fileOf(folder, name))
      looks.set(name, { stamp, until: now + lookMs })
      return stamp
    },
    issuerAt(url) {
      const [, host = '', path = ''] = /^https:\/\/([^/]+)(.*)$/.exec(url) ?? []
      const own = hosts.get(host)
      if (own === undefined) return undefined
      return `${loopback.has(own.replace(/:\d+$/, '')) ? 'http' : 'https'}://${own}${path}`
    },
    load: (name) => readFile(fileOf(folder, name) as string),
  }
}

function stampOf(file: string | undefined): string | undefined {
  if (file === undefined) return undefined
  try {
    const found = statSync(file)
    return found.isFile() ? `${found.mtimeMs} ${found.size} ${found.ino}` : undefined
  } catch {
    return undefined
  }
}

function readFile(file: string): IssuerConfig {
  return inFile(file, () => parseIssuerConfig(withPemFiles(readYaml(file), dirname(file))))
}

/** Reads every file of the folder: for `kimei config check`. @throws Misuse with the mistakes of all of them. */
export function checkFolder(folder: string): number {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith(extension))
  const mistakes = files.flatMap((file) => {
    try {
      const { issuer } = readFile(join(folder, file))
      const place = fileOf(folder, issuer)
      if (place === join(folder, file)) return []
      const should = place === undefined ? 'cannot stand in a folder' : `belongs into ${relative(folder, place).split(sep).join('/')}`
      return [`${join(folder, file)}: ${unroutable(issuer) ?? `issuer "${issuer}" ${should}`}`]
    } catch (error) {
      if (error instanceof Misuse) return error.mistakes
      throw error
    }
  })
  if (mistakes.length > 0) throw new Misuse(mistakes)
  return files.length
}
