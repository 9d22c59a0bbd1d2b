// Observing again and again, and telling what changes. Only re-exports.
export { refusedThumbprints } from './canary.ts'
export { type ChangeEvent, changeKinds } from './changes.ts'
export { renderMetrics, type WatchNumbers } from './metrics.ts'
export { ocsfLine } from './ocsf.ts'
export { keepingUntold } from './untold.ts'
export { type WatchParts, watch } from './watch.ts'
export { openWebhook, signatureOf } from './webhook.ts'
