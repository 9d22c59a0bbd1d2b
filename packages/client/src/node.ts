// What only Node can lend: certificates on connections, a folder for keys and sessions, a loopback listener. Only re-exports.
export { type CertificateMaterial, type KnownCertificate, readMaterial } from './certificate-material.ts'
export { createFileKeyStore } from './key-store/node.ts'
export { createFileLock, type LockFileTimes } from './lock/lock-file.ts'
export { createCertificate, createTrustingFetch, type ShownCertificate } from './mtls-agent.ts'
export { listenForRedirect, type NativeRedirect, type NativeRedirectOptions } from './native-redirect.ts'
export { type CertificateFiles, type OpenCertificateOptions, openCertificate, readFiles } from './open-certificate.ts'
export { openPrivateFolder, type PrivateFolder } from './private-folder.ts'
export { createFileShelf } from './shelf/node.ts'
