// Opens every door of `kimei serve`, and follows the certificate files of those that speak TLS.
import { resolve } from 'node:path'
import { type FetchApp, listen, listenSocket } from '@kimei/server'
import { Trouble } from '../command/command.ts'
import { type CertificateFiles, type Following, followCertificateFiles, readCertificateFiles } from './certificate-files.ts'
import type { ListenFile } from './listen-config.ts'

export interface Doors {
  /** Where they are, for the line at the start. */
  readonly says: string
  close(): Promise<void>
}

export interface DoorParts {
  /** Where relative paths begin. */
  readonly folder: string
  readonly limits: { readonly headerBytes?: number; readonly requestSeconds?: number }
  /** For the operator: certificates that were read again, or could not be. */
  readonly tell: (sentence: string) => void
}

/** @throws Trouble where an address is taken; Misuse for certificates that cannot serve. */
export async function openDoors(app: FetchApp, { host, port, tls, mtls, socket }: ListenFile, parts: DoorParts): Promise<Doors> {
  const opened: { close(): unknown }[] = []
  const follows: Following[] = []
  const filesOf = (of: CertificateFiles): CertificateFiles => ({
    certFile: resolve(parts.folder, of.certFile),
    keyFile: resolve(parts.folder, of.keyFile),
  })
  const openPort = async (at: { host: string; port: number }, of: CertificateFiles | undefined, asks: boolean): Promise<string> => {
    const files = of && filesOf(of)
    const secured = files && { tls: readCertificateFiles(files), ...(asks && { clientCertificates: 'requested' as const }) }
    const door = await listen(app, { ...at, ...parts.limits, ...secured }).catch(sayTaken(`${at.host}:${at.port}`))
    opened.push(door)
    if (files) follows.push(followCertificateFiles(files, door.reload, parts.tell))
    return door.url
  }
  const close = async (): Promise<void> => {
    process.off('SIGHUP', lookAll)
    for (const follow of follows) follow.close()
    for (const door of opened.splice(0).reverse()) await door.close()
  }
  const lookAll = (): void => {
    for (const follow of follows) follow.look()
  }
  try {
    const says = [socket ? await openSocket(app, socket, parts, opened) : await openPort({ host, port }, tls, false)]
    if (mtls) says.push(`for clients with certificates on ${await openPort({ host: mtls.host, port: mtls.port }, mtls, true)}`)
    if (follows.length > 0) process.on('SIGHUP', lookAll)
    return { says: says.join(', '), close }
  } catch (error) {
    await close()
    throw error
  }
}

async function openSocket(
  app: FetchApp,
  { path, access }: NonNullable<ListenFile['socket']>,
  { folder, limits }: DoorParts,
  opened: { close(): unknown }[],
): Promise<string> {
  const file = resolve(folder, path)
  const door = await listenSocket(app, { path: file, mode: access === 'group' ? 0o660 : 0o600, ...limits }).catch(sayTaken(file))
  opened.push(door)
  return door.url
}

function sayTaken(what: string): (error: NodeJS.ErrnoException) => never {
  return (error) => {
    if (error.code === 'EADDRINUSE') throw new Trouble(`${what} is taken: stop what runs there, or choose another --port`)
    throw error
  }
}
