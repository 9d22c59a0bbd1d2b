// The contract of storage as cases that run on any engine: every verb, every condition, every race that must have one winner.
// `for (const { title, run } of contractCasesFor(engine)) it(title, () => run(engine))`
import { codeCases } from './cases/codes.ts'
import { deviceCases } from './cases/devices.ts'
import { durabilityCases } from './cases/durability.ts'
import { onceCases } from './cases/once.ts'
import { opaqueCases } from './cases/opaque.ts'
import { pushedCases } from './cases/pushed.ts'
import { readCases } from './cases/reads.ts'
import { refreshCases } from './cases/refresh.ts'
import { registrationCases } from './cases/registrations.ts'
import { revocationCases } from './cases/revocation.ts'
import { signingOutCases } from './cases/signing-out.ts'
import { sweepCases } from './cases/sweep.ts'
import { versionCases } from './cases/versions.ts'
import type { ContractCase, EngineUnderTest } from './engine.ts'

export type { ContractCase, EngineUnderTest } from './engine.ts'

const contractCases: readonly ContractCase[] = [
  ...onceCases,
  ...codeCases,
  ...opaqueCases,
  ...pushedCases,
  ...deviceCases,
  ...registrationCases,
  ...refreshCases,
  ...signingOutCases,
  ...revocationCases,
  ...versionCases,
  ...readCases,
  ...sweepCases,
  ...durabilityCases,
]

/** The cases that apply to an engine with these abilities. */
export function contractCasesFor(engine: EngineUnderTest): readonly ContractCase[] {
  return contractCases.filter(({ needs }) => needs === undefined || engine[needs] !== undefined)
}
