// What a holder demands. Only re-exports.
export * from './holder-rules.ts'
