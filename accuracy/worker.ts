// A process of the accuracy run: it judges the targets that it is told, one after the other, and says what came of each.
// Who tells it stands in `run.ts`.
import { judgeTarget, type TargetOutcome } from './judge-target.ts'
import { targets } from './targets/index.ts'

export type Told = { readonly target: string } & (TargetOutcome | { readonly fault: string })

process.on('message', (name: string) => void judge(name))
process.on('disconnect', () => process.exit())

async function judge(name: string): Promise<void> {
  const say = (told: Told): void => void process.send!(told)
  try {
    say({ target: name, ...(await judgeTarget(targets.find((one) => one.name === name)!)) })
  } catch (error) {
    say({ target: name, fault: error instanceof Error ? error.message : String(error) })
  }
}
