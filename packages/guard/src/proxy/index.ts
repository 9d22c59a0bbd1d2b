// The guard as a reverse proxy. Only re-exports.
export { statementPath, statementType } from '../statement/guard-statement.ts'
export { statementRouteConfig } from '../statement/statement-desk.ts'
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
