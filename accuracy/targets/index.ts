// Every target of the accuracy run. A new one is one line below.
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { carriedTerminators } from 'testkit/terminators'
import type { Need, Target } from '../target.ts'
import { apacheModules, apacheTargets } from './apache.ts'
import { atprotoTargets } from './atproto.ts'
import { npmTargets } from './express.ts'
import { honoTargets } from './hono.ts'
import { labTargets } from './labs.ts'
import { nginxTargets } from './nginx.ts'
import { scenarioTargets } from './scenarios.ts'

export const targets: readonly Target[] = [
  ...npmTargets,
  ...honoTargets,
  ...atprotoTargets,
  ...apacheTargets,
  ...nginxTargets,
  ...scenarioTargets,
  ...labTargets,
]

/** What a target may need of the machine, and where it lies there. */
const places: Readonly<Record<Need, readonly string[]>> = {
  nginx: inPath('nginx', join(carriedTerminators, 'usr/sbin')),
  apache2: inPath('apache2'),
  'libapache2-mod-oauth2': [`${apacheModules}/mod_oauth2.so`],
}

function inPath(program: string, ...more: readonly string[]): string[] {
  return ['/usr/bin', '/usr/sbin', ...(process.env['PATH'] ?? '').split(delimiter), ...more].map((folder) => join(folder, program))
}

/** What a target needs and this machine does not have, as Debian calls it. */
export function missingOn({ needs }: Pick<Target, 'needs'>, exists: (path: string) => boolean = existsSync): Need[] {
  return needs.filter((need) => !places[need].some(exists))
}
