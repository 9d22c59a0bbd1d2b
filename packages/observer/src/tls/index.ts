// Reading TLS handshakes: whether, how and for whom a client certificate is asked for. Only re-exports.
export * from './certificate-request.ts'
export * from './client-certificate.ts'
export * from './see-handshake.ts'
export * from './server-flight.ts'
export * from './survey-tls.ts'
export * from './tls-alerts.ts'
export * from './tls-mode.ts'
export { BoundBroken, type ClientIdentity, type TlsWish, usualBounds, type WatchBounds } from './watched-connection.ts'
