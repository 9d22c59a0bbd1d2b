// The rule reference in docs is the catalogue, not a copy that drifts.
import { expect, it } from 'vitest'
import { rulesDocument, rulesDocumentIsCurrent } from './rules-doc.ts'

it('docs/rules.md is what the catalogue says; `npm run docs` writes it', () => {
  expect(rulesDocumentIsCurrent()).toBe(true)
})

it('every rule has an anchor of its own', () => {
  const anchors = [...rulesDocument().matchAll(/<a id="([^"]+)">/g)].map((match) => match[1])
  expect(new Set(anchors).size).toBe(anchors.length)
  expect(anchors.length).toBeGreaterThan(0)
})
