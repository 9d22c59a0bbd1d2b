// Every target of the accuracy run. A new one is one line below.
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import type { Target } from '../target.ts'
import { apacheTargets } from './apache.ts'
import { atprotoTargets } from './atproto.ts'
import { npmTargets } from './express.ts'
import { labTargets } from './labs.ts'
import { nginxTargets } from './nginx.ts'
import { scenarioTargets } from './scenarios.ts'

export const targets: readonly Target[] = [
  ...npmTargets,
  ...atprotoTargets,
  ...apacheTargets,
  ...nginxTargets,
  ...scenarioTargets,
  ...labTargets,
]

/** Programs that a target needs and this machine does not have. */
export function missingPrograms({ needs }: Target): string[] {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/bin', '/usr/sbin']
  return needs.filter((program) => !folders.some((folder) => existsSync(join(folder, program))))
}
