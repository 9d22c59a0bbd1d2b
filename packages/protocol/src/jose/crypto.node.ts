import type { CryptoPort } from './crypto-port.ts'

export const cryptoPort: CryptoPort = {} as CryptoPort
