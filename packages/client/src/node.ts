// What only Node can lend: a folder for keys and sessions, and a loopback listener. Only re-exports.
export { createFileKeyStore } from './key-store/node.ts'
export { createFileLock, type LockFileTimes } from './lock/lock-file.ts'
export { listenForRedirect, type NativeRedirect, type NativeRedirectOptions } from './native-redirect.ts'
export { openPrivateFolder, type PrivateFolder } from './private-folder.ts'
export { createFileShelf } from './shelf/node.ts'
