// A certificate of ours from its files, which are followed: when a renewed one lies there, it is taken up. Node only.
import { readFileSync, statSync } from 'node:fs'
import { type CertificateMaterial, unusable } from './certificate-material.ts'
import type { Clock } from './contract.ts'
import { isHolderError } from './holder-error.ts'
import { createCertificate, type ShownCertificate } from './mtls-agent.ts'

export type CertificateFiles = (
  | {
      /** PEM: the certificate, and after it those of its issuers. */
      readonly certFile: string
      /** PEM. */
      readonly keyFile: string
    }
  | { readonly pkcs12File: string }
) & {
  /** PEM: the authorities whose servers are believed, and no others. Absent: those of Node. */
  readonly caFile?: string
  readonly password?: string
}

export interface OpenCertificateOptions {
  readonly clock?: Clock
  /** Told when files that changed could not be taken up; the old certificate stays. */
  readonly onUnfit?: (sentence: string) => void
}

const lookEverySeconds = 2

/**
 * Throws `holder.certificate-is-usable`. Files that change are taken up at the next use, a few seconds later at most: two files are
 * never written in one moment, so what does not belong together is left for the next look.
 */
export function openCertificate(files: CertificateFiles, options: OpenCertificateOptions = {}): ShownCertificate {
  const { clock = () => Math.floor(Date.now() / 1000), onUnfit } = options
  const certificate = createCertificate(readFiles(files), clock)
  let seen = stampOf(files)
  let lookedAt = clock()
  let told = ''
  const look = (): void => {
    if (clock() < lookedAt + lookEverySeconds) return
    lookedAt = clock()
    const stamp = stampOf(files)
    if (stamp === seen) return
    try {
      certificate.exchange(readFiles(files))
      seen = stamp
    } catch (error) {
      if (!isHolderError(error, 'holder.certificate-is-usable')) throw error
      if (told !== stamp) onUnfit?.(error.message)
      told = stamp
    }
  }
  return {
    ...certificate,
    current() {
      look()
      return certificate.current()
    },
  }
}

/** Throws `holder.certificate-is-usable` for a file that is not there. */
export function readFiles(files: CertificateFiles): CertificateMaterial {
  const { password, caFile } = files
  const own = 'pkcs12File' in files ? { pkcs12: read(files.pkcs12File) } : { cert: text(files.certFile), key: text(files.keyFile) }
  return { ...own, ...(password !== undefined && { password }), ...(caFile !== undefined && { ca: text(caFile) }) }
}

function read(file: string): Buffer {
  try {
    return readFileSync(file)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw unusable(code === 'ENOENT' ? `there is no file ${file}` : `${file} is not ours to read`)
  }
}

function text(file: string): string {
  return read(file).toString('utf8')
}

function stampOf(files: CertificateFiles): string {
  const own = 'pkcs12File' in files ? [files.pkcs12File] : [files.certFile, files.keyFile]
  return own
    .map((file) => statSync(file, { throwIfNoEntry: false }))
    .map((found) => (found ? `${found.mtimeMs} ${found.size} ${found.ino}` : 'none'))
    .join(' ')
}
