// Scenarios of houses: what is open in each was put there by its fault, and nothing else is. Their stories stand beside this file.
import type { HouseName } from '../houses/houses.ts'
import { storiesOfApis } from './house-stories-apis.ts'
import { storiesOfCertificates } from './house-stories-certificates.ts'
import { storiesOfIssuers } from './house-stories-issuers.ts'
import { storiesOfOthers } from './house-stories-others.ts'
import type { ControlHole, Scenario, Truth } from './scenario.ts'
import { open as openStep } from './steps.ts'
import { wholePosture } from './truth.ts'

export interface HouseStory extends Pick<Scenario, 'title' | 'story' | 'mend' | 'owner'> {
  /** Controls that are open, each by its probe, by place. */
  readonly open: Readonly<Record<string, readonly string[]>>
  /** Of these, what the attack shows. Left out: each of them. */
  readonly shown?: readonly string[]
  /** Controls of which nobody outside can tell here. */
  readonly unseen?: Readonly<Record<string, readonly string[]>>
  /** What it makes of the key. */
  readonly posture: Partial<Truth['posture']>
  readonly priority: Truth['priority']
  /** What it makes of the APIs at which something is open. */
  readonly enforced: 'yes' | 'partial' | 'no'
  readonly mode?: Truth['apis'][string]['mode']
}

const stories: Readonly<Record<HouseName, HouseStory>> = {
  ...storiesOfApis,
  ...storiesOfOthers,
  ...storiesOfIssuers,
  ...storiesOfCertificates,
}

const placed = (byPlace: Readonly<Record<string, readonly string[]>>): readonly ControlHole[] =>
  Object.entries(byPlace).flatMap(([at, ids]) => ids.map((probe) => ({ probe, at })))

function houseScenario([id, written]: [string, HouseStory]): Scenario {
  const {
    title,
    story,
    mend,
    owner,
    open,
    shown = Object.values(open).flat(),
    unseen,
    posture,
    priority,
    enforced,
    mode = 'mixed',
  } = written
  const holes = placed(open)
  return {
    id,
    kind: 'compound',
    title,
    story,
    mend,
    owner,
    world: { plan: 'house', house: id as HouseName, state: 'faulty', without: [] },
    attack: [...new Set(shown)].map(openStep),
    truth: {
      posture: { ...wholePosture, client_fit: 'server', ...posture },
      priority,
      holes,
      notInForce: holes,
      ...(unseen && { unseen: placed(unseen) }),
      apis: Object.fromEntries(Object.keys(open).map((at) => [at, { enforced, mode }])),
    },
  }
}

export const houseScenarios: readonly Scenario[] = Object.entries(stories).map(houseScenario)
