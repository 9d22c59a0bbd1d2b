// What a ticket names, and whether its bearer is it. Only re-exports.
export * from './binding-rules.ts'
export * from './check-binding.ts'
export * from './confirmation.ts'
export * from './constraint.ts'
