// TLS listeners and what clients show on them. Only re-exports.
export { noteCertificates, type PeerCertificates, peerCertificates } from './peer-certificates.ts'
export { type ClientCertificates, type ServerCertificate, tlsOptions } from './tls-options.ts'
export { checkServerCertificate, createTlsServer, type TlsServer } from './tls-server.ts'
export { openUnixSocket, type UnixSocket } from './unix-socket.ts'
