// What is remembered. Storage keeps these; only `grants/` and the server give them meaning.
export type * from './records/audit.ts'
export type * from './records/client.ts'
export type * from './records/device.ts'
export type * from './records/grant.ts'
export type * from './records/key.ts'
export type * from './records/offer.ts'
export type * from './records/person.ts'
export type * from './records/request.ts'
