// The beginning of an inventory from what people have. Only re-exports.

export { askForMetadata } from './ask-for-metadata.ts'
export { type InventoryDraft, mergeDrafts } from './draft.ts'
export { draftOfFile, draftOfText } from './read-source.ts'
export { writeDraft } from './write-draft.ts'
