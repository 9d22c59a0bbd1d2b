// The three files that people write for Kimei: how each is recognized, checked and described.
import { dirname, resolve } from 'node:path'
import { inFile } from './read-yaml.ts'

export type FileKind = 'issuer' | 'guard' | 'inventory'

interface KindOfFile {
  /** @throws Misuse with every mistake. */
  check(path: string, input: unknown): Promise<void>
  schema(): Promise<object>
}

export const fileKinds: Readonly<Record<FileKind, KindOfFile>> = {
  issuer: {
    async check(path, input) {
      const { checkServeConfig } = await import('../serve/serve-config.ts')
      inFile(path, () => checkServeConfig(input, dirname(resolve(path))))
    },
    schema: async () => (await import('../serve/serve-config.ts')).serveJsonSchema(),
  },
  guard: {
    async check(path, input) {
      const [{ parseGuardFile }, { withGuardTexts }] = await Promise.all([import('@kimei/guard/proxy'), import('../serve/pem-files.ts')])
      inFile(path, () => parseGuardFile(withGuardTexts(input, dirname(resolve(path)))))
    },
    async schema() {
      const [{ guardFileSchema }, { z }, { withTextFiles }] = await Promise.all([
        import('@kimei/guard/proxy'),
        import('zod'),
        import('../serve/text-schema.ts'),
      ])
      const schema = z.toJSONSchema(guardFileSchema, { io: 'input', target: 'draft-2020-12', unrepresentable: 'any' })
      return { ...withTextFiles(schema, ['guard', 'certificates']), title: 'kimei-guard.yaml' }
    },
  },
  inventory: {
    async check(path, input) {
      const { parseInventory } = await import('@kimei/observer')
      inFile(path, () => void parseInventory(input))
    },
    async schema() {
      const { inventoryJsonSchema } = await import('@kimei/observer')
      return { ...inventoryJsonSchema(), title: 'kimei-observe.yaml' }
    },
  },
}

export function isFileKind(text: string | undefined): text is FileKind {
  return text !== undefined && Object.hasOwn(fileKinds, text)
}

/** By the keys that only one of them has. */
export function kindOfFile(input: unknown): FileKind | undefined {
  const keys = Object.keys(input as object)
  if (keys.includes('guard') || keys.includes('proxy')) return 'guard'
  if (keys.includes('contact')) return 'inventory'
  if (keys.includes('issuer') || keys.includes('issuersFolder')) return 'issuer'
  const { issuers } = input as { readonly issuers?: unknown }
  if (!Array.isArray(issuers)) return undefined
  return issuers.some((one) => typeof one === 'object' && one !== null && 'issuer' in one) ? 'issuer' : 'inventory'
}
