// What pages, reports, the lab and the terminal share. Only re-exports.
export * from './claim-names.ts'
export * from './icon.ts'
export * from './language.ts'
export * from './sentences.ts'
export * from './stamp.ts'
export * from './stylesheet.ts'
export * from './terminal.ts'
export * from './ticket.ts'
