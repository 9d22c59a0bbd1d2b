// The holder in one import. Only re-exports.
export type * from './contract.ts'
