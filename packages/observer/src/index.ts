// Attacks a running issuer and its APIs gently and says who really enforces. Only re-exports.
export * from './inventory.ts'
export * from './observation.ts'
export * from './posture.ts'
