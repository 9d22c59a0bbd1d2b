// Writes docs/reference/cli.md: the help of every command, as it prints it.
// `node tools/cli-doc.ts` writes; the test beside it fails when the file on disk is another.
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './source-tree.ts'

const path = join(root, 'docs/reference/cli.md')

const commands = ['dev', 'token', 'call', 'client', 'observe', 'doctor', 'migrate', 'proof', 'lab', 'serve', 'guard', 'keys', 'config']

function helpOf(...args: readonly string[]): string {
  const cli = join(root, 'packages/kimei/src/cli.ts')
  return execFileSync(process.execPath, [cli, ...args, '--help'], { encoding: 'utf8', env: { ...process.env, NO_COLOR: '1' } }).trimEnd()
}

/** The whole document. */
export function cliDocument(): string {
  const chapters = commands.map((command) => `## kimei ${command}\n\n\`\`\`text\n${helpOf(command)}\n\`\`\`\n`)
  return `# The command line\n\nEvery command as its \`--help\` prints it. Written by \`node tools/cli-doc.ts\`.\n\n\`\`\`text\n${helpOf()}\n\`\`\`\n\n${chapters.join('\n')}`
}

export function cliDocumentIsCurrent(): boolean {
  return readFileSync(path, 'utf8') === cliDocument()
}

if (import.meta.main) {
  writeFileSync(path, cliDocument())
  console.log('docs/reference/cli.md')
}
