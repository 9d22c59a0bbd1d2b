// How often each decision was taken. Bounded by the number of rules and routes.
import type { GuardCounts } from './contract.ts'

export interface Counter {
  admitted(): void
  refused(rule: string): void
  overlooked(route: string): void
  ignoredCertificate(): void
  counts(): GuardCounts
}

export function makeCounter(): Counter {
  let admitted = 0
  let ignoredCertificates = 0
  const refused = new Map<string, number>()
  const overlooked = new Map<string, number>()
  const add = (counts: Map<string, number>, name: string) => counts.set(name, (counts.get(name) ?? 0) + 1)
  return {
    admitted: () => {
      admitted += 1
    },
    refused: (rule) => add(refused, rule),
    overlooked: (route) => add(overlooked, route),
    ignoredCertificate: () => {
      ignoredCertificates += 1
    },
    counts: () => ({ admitted, ignoredCertificates, refused: Object.fromEntries(refused), wouldRefuse: Object.fromEntries(overlooked) }),
  }
}
