// Everything the tests share. Only re-exports.

export * from './certificates.ts'
export * from './chromium.ts'
export * from './fixed-clock.ts'
export * from './hostile-jwt.ts'
export * from './independent-grants.ts'
export * from './independent-issuer.ts'
export * from './odd-rsa.ts'
export * from './outside-server.ts'
export * from './raw-http.ts'
export * from './signed-text.ts'
