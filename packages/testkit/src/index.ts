// Everything the tests share. Only re-exports.
export * from './fixed-clock.ts'
export * from './hostile-jwt.ts'
export * from './raw-http.ts'
