// The guard as a reverse proxy. Only re-exports.
export { hopKeysPath, hopType } from './hop-assertion.ts'
export { type Listening, type ListenOptions, listenProxy } from './listen-proxy.ts'
export { createProxy, type GuardProxy, type ProxyDeps } from './proxy.ts'
export {
  type GuardFile,
  guardFileSchema,
  type ListenConfig,
  type ProxyConfig,
  type ProxyConfigInput,
  parseGuardFile,
  parseProxyConfig,
  proxySchema,
} from './proxy-config.ts'
