// Keys in files of mode 0600 in a folder of mode 0700, one file an owner.
import { isSignatureAlg, type PrivateJwk } from '@kimei/protocol'
import type { HolderAlgorithm, HolderKey, KeyOwner, KeyStore } from '../contract.ts'
import { HolderError } from '../holder-error.ts'
import type { PrivateFolder } from '../private-folder.ts'
import { ownerName } from './memory.ts'
import { generatePrivateJwk, importHolderKey } from './web-key.ts'

const format = 'kimei-holder-key-1'

/** Two processes that make a key at once end up with the same one. */
export function createFileKeyStore(folder: PrivateFolder, alg: HolderAlgorithm = 'ES256'): KeyStore {
  const fileOf = (owner: KeyOwner): string => folder.fileFor('key', ownerName(owner))
  return {
    durability: 'lasting',
    async keyFor(owner) {
      const file = fileOf(owner)
      const text = (await folder.read(file)) ?? (await make(folder, file, owner, alg))
      return readKey(text, file)
    },
    forget: (owner) => folder.remove(fileOf(owner)),
  }
}

async function make(folder: PrivateFolder, file: string, owner: KeyOwner, alg: HolderAlgorithm): Promise<string> {
  // Issuer and client are written for the person who looks into the folder: the file's name says nothing.
  const { issuer, clientId } = owner
  const text = JSON.stringify({ format, issuer, clientId, alg, privateJwk: await generatePrivateJwk(alg) })
  if (await folder.create(file, text)) return text
  return (await folder.read(file)) ?? make(folder, file, owner, alg)
}

async function readKey(text: string, file: string): Promise<HolderKey> {
  try {
    const { format: found, alg, privateJwk } = JSON.parse(text) as Record<string, unknown>
    if (found !== format || !isSignatureAlg(alg) || alg === 'RS256') throw new Error('another format')
    return await importHolderKey(alg, privateJwk as PrivateJwk, 'file')
  } catch {
    // What went wrong may quote the file, and the file is a private key.
    throw new HolderError('holder.key-is-readable', `${file} holds no key of this holder; remove it to sign in anew`)
  }
}
