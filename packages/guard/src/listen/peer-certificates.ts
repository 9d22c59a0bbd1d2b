// The certificates that a client showed on a TLS connection: read once for each connection, also where its session was resumed.
import type { X509Certificate } from 'node:crypto'
import type { Socket } from 'node:net'
import type { TLSSocket } from 'node:tls'
import type { ChainMemory } from './chain-memory.ts'

export interface PeerCertificates {
  readonly peerCertificate?: Uint8Array
  readonly peerChain?: readonly Uint8Array[]
}

const nothing: PeerCertificates = {}
const known = new WeakMap<object, PeerCertificates>()
/** More are no chain of anybody; the rest of them is not even looked at. */
const mostCertificates = 20

/** Of a connection that is not encrypted, or on which none was shown: nothing. */
export function peerCertificates(socket: Socket): PeerCertificates {
  if (!('encrypted' in socket) || socket.encrypted !== true) return nothing
  const before = known.get(socket)
  if (before) return before
  const read = readCertificates(socket as TLSSocket)
  known.set(socket, read)
  return read
}

/** For a listener of ours, when a handshake is done: what was shown is remembered for sessions that resume it. */
export function noteCertificates(socket: TLSSocket, memory: ChainMemory): void {
  const leaf = leafOf(socket)
  if (!leaf) return void known.set(socket, nothing)
  const read = readCertificates(socket)
  const chain = read.peerChain ?? []
  const name = leaf.fingerprint256
  if (!socket.isSessionReused()) {
    memory.keep(name, chain)
    known.set(socket, read)
  } else {
    known.set(socket, chain.length > 0 ? read : { ...read, peerChain: memory.recall(name) })
  }
}

/** In the order in which they were sent; the TLS library has judged that the leaf's key was used, and nothing else. */
function readCertificates(socket: TLSSocket): PeerCertificates {
  const leaf = leafOf(socket)
  if (!leaf) return nothing
  const chain: Uint8Array[] = []
  for (let next = leaf.issuerCertificate; next && chain.length < mostCertificates; next = next.issuerCertificate) chain.push(next.raw)
  return { peerCertificate: leaf.raw, peerChain: chain }
}

/** Absent on sockets that only look like TLS (an embedder's). */
function leafOf(socket: TLSSocket): X509Certificate | undefined {
  return socket.getPeerX509Certificate?.()
}
