// The few web-standard globals that the law uses; every runtime Kimei knows has them. Nothing of Node, nothing of a page.
interface TextEncoder {
  encode(text: string): Uint8Array<ArrayBuffer>
}
declare const TextEncoder: { new (): TextEncoder }

interface TextDecoder {
  decode(bytes: Uint8Array): string
}
declare const TextDecoder: { new (label: 'utf-8', options: { fatal: boolean; ignoreBOM?: boolean }): TextDecoder }

interface URL {
  readonly href: string
  readonly origin: string
  readonly protocol: string
  readonly username: string
  readonly password: string
  readonly host: string
  readonly hostname: string
  readonly port: string
  readonly pathname: string
  search: string
  hash: string
}
declare const URL: { new (url: string, base?: string): URL; canParse(url: string, base?: string): boolean }

interface URLSearchParams extends Iterable<[string, string]> {
  get(name: string): string | null
  getAll(name: string): string[]
  has(name: string): boolean
  append(name: string, value: string): void
  set(name: string, value: string): void
  keys(): Iterable<string>
  toString(): string
}
declare const URLSearchParams: { new (init?: string | Record<string, string> | readonly (readonly [string, string])[]): URLSearchParams }

interface CryptoKey {
  readonly type: 'public' | 'private' | 'secret'
  readonly extractable: boolean
}
interface SubtleCrypto {
  digest(algorithm: string, data: Uint8Array<ArrayBuffer>): Promise<ArrayBuffer>
  importKey(format: 'jwk', key: object, algorithm: object, extractable: boolean, usages: readonly string[]): Promise<CryptoKey>
  importKey(
    format: 'raw',
    key: Uint8Array<ArrayBuffer>,
    algorithm: object,
    extractable: boolean,
    usages: readonly string[],
  ): Promise<CryptoKey>
  exportKey(format: 'jwk', key: CryptoKey): Promise<Record<string, unknown>>
  generateKey(algorithm: object, extractable: boolean, usages: readonly string[]): Promise<{ publicKey: CryptoKey; privateKey: CryptoKey }>
  sign(algorithm: object | string, key: CryptoKey, data: Uint8Array<ArrayBuffer>): Promise<ArrayBuffer>
  verify(algorithm: object | string, key: CryptoKey, signature: Uint8Array<ArrayBuffer>, data: Uint8Array<ArrayBuffer>): Promise<boolean>
  encrypt(algorithm: object, key: CryptoKey, data: Uint8Array<ArrayBuffer>): Promise<ArrayBuffer>
  decrypt(algorithm: object, key: CryptoKey, data: Uint8Array<ArrayBuffer>): Promise<ArrayBuffer>
}
declare const crypto: { readonly subtle: SubtleCrypto }
