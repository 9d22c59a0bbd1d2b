// Certificate and key of a listener, from two PEM files: read, checked, and followed while the process runs.
import { X509Certificate } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { isIP } from 'node:net'
import { checkServerCertificate, type ServerCertificate } from '@kimei/guard/listen'
import { Misuse } from '@kimei/protocol'

/** Absolute paths. */
export interface CertificateFiles {
  readonly certFile: string
  readonly keyFile: string
}

/** @throws Misuse that names the file. */
export function readCertificateFiles({ certFile, keyFile }: CertificateFiles): ServerCertificate {
  return { cert: readPem(certFile), key: readPem(keyFile) }
}

/** `name`: what clients call this listener; unknown where there are several. Everything that is wrong. */
export function checkCertificateFiles(where: string, files: CertificateFiles, name: string | undefined): readonly string[] {
  const mistakes = [files.certFile, files.keyFile].flatMap((file) => caught(() => readPem(file)))
  if (mistakes.length > 0) return mistakes.map((mistake) => `${where}: ${mistake}`)
  const { cert, key } = readCertificateFiles(files)
  const unfit = caught(() => checkServerCertificate({ cert, key }))
  if (unfit.length > 0) return unfit.map((mistake) => `${where}: ${mistake}`)
  const certificate = new X509Certificate(cert)
  const said: string[] = []
  if (name !== undefined && !stands(certificate, name)) said.push(`${where}: ${files.certFile} is not for ${name}: clients would refuse it`)
  if (certificate.validToDate.getTime() < Date.now()) said.push(`${where}: ${files.certFile} expired on ${certificate.validTo}`)
  return said
}

function stands(certificate: X509Certificate, name: string): boolean {
  const plain = name.replace(/^\[|\]$/g, '')
  return (isIP(plain) ? certificate.checkIP(plain) : certificate.checkHost(plain)) !== undefined
}

function caught(read: () => unknown): readonly string[] {
  try {
    read()
    return []
  } catch (error) {
    if (error instanceof Misuse) return error.mistakes
    throw error
  }
}

function readPem(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new Misuse([code === 'EACCES' ? `${file} is not ours to read` : `there is no file ${file}`])
  }
}

/** How often a change is looked for. */
const lookMs = 2000

export interface Following {
  /** Reads the files now; `kimei serve` does so at SIGHUP. */
  look(): void
  close(): void
}

/**
 * Gives the listener what the files say when they change. Two files are never renewed in one moment: what does not belong
 * together is left for the next look, and told only when it stays so.
 */
export function followCertificateFiles(
  files: CertificateFiles,
  reload: (certificate: ServerCertificate) => void,
  tell: (sentence: string) => void,
): Following {
  let seen = stampOf(files)
  let unfit = ''
  const look = (now: boolean): void => {
    const stamp = stampOf(files)
    if (!now && stamp === seen) return
    const retried = now || stamp === unfit
    try {
      reload(readCertificateFiles(files))
      seen = stamp
      tell(`${files.certFile} was read again`)
    } catch (error) {
      unfit = stamp
      if (!retried) return
      seen = stamp
      tell(`the old certificate stays: ${(error as Error).message}`)
    }
  }
  const timer = setInterval(() => look(false), lookMs).unref()
  return { look: () => look(true), close: () => clearInterval(timer) }
}

function stampOf({ certFile, keyFile }: CertificateFiles): string {
  return [certFile, keyFile]
    .map((file) => {
      const found = statSync(file, { throwIfNoEntry: false })
      return found ? `${found.mtimeMs} ${found.size} ${found.ino}` : 'none'
    })
    .join(' ')
}
