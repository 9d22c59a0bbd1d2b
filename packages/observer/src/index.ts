// Attacks a running issuer and its APIs gently and says who really enforces. Only re-exports.

export * from './exit-code.ts'
export * from './guidelines.ts'
export * from './inventory.ts'
export * from './observation.ts'
export * from './observe.ts'
export * from './plan.ts'
export * from './posture.ts'
export * from './probe.ts'
export * from './probes/index.ts'
export * from './report/json.ts'
export * from './report/text.ts'
export { PolicyRefusal } from './wire/pacer.ts'
