// Certificates of the switched lab: its servers', its one client with a certificate, and a stranger's from the same authority.
// Made when a lab starts, gone with it.
import { type HeldCertificate, makeCertificate } from '@kimei/observer'
import type { SwitchedWorld } from './switches.ts'

export interface WorldCertificates {
  /** PEM: who certifies clients. It certifies no server. */
  readonly authority: string
  /** The servers', certified by itself. */
  readonly serving: HeldCertificate
  /** Of the client `api`. */
  readonly machine: HeldCertificate
  /** Of the same authority, and nobody's client: what a thief inside the house has. */
  readonly other: HeldCertificate
}

/** Whether anything in it is about certificates: then APIs speak TLS. */
export function isSealed({ mode, apis }: SwitchedWorld): boolean {
  return mode === 'mtls' || apis.some(({ certificate }) => certificate !== 'off')
}

export const machineName = 'lab-machine'

export function makeWorldCertificates(): WorldCertificates {
  const authority = makeCertificate({ name: 'Lab authority', authority: true })
  return {
    authority: authority.cert,
    serving: makeCertificate({ name: 'Lab servers', hosts: ['127.0.0.1', 'localhost'] }),
    machine: makeCertificate({ name: machineName, by: authority }),
    other: makeCertificate({ name: 'another machine', by: authority }),
  }
}
