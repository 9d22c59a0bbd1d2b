// Attacks a running issuer and its APIs gently and says who really enforces. Only re-exports.

export * from './doctor/index.ts'
export * from './draft/index.ts'
export * from './evidence/index.ts'
export * from './inventory/acceptance.ts'
export * from './inventory/inventory.ts'
export * from './judgement/exit-code.ts'
export * from './judgement/guidelines.ts'
export * from './judgement/posture.ts'
export * from './migration/index.ts'
export * from './observation.ts'
export * from './probe.ts'
export * from './probes/index.ts'
export * from './readiness/checks.ts'
export * from './report/compare.ts'
export * from './report/compare-text.ts'
export * from './report/complete.ts'
export { sayHeader } from './report/exchange-text.ts'
export * from './report/explain.ts'
export * from './report/formats.ts'
export * from './report/json.ts'
export * from './report/plan-text.ts'
export * from './report/schema.ts'
export * from './report/text.ts'
export * from './residual.ts'
export * from './run/observe.ts'
export * from './run/plan.ts'
export {
  type HeldCertificate,
  makeCertificate,
  type TlsMode,
  type TlsSeen,
  type TlsVersion,
  type VersionSeen,
} from './tls/index.ts'
export * from './watch/index.ts'
export { PolicyRefusal } from './wire/pacer.ts'
