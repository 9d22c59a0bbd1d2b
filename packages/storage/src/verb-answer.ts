// What one write of a plan answers, in every engine.

/** `true`: done. `false`: its condition failed, the plan is lost. Otherwise an honest duplicate: the plan is not applied, this is its answer. */
export type VerbAnswer = boolean | { readonly sealedSuccessor: string; readonly successorHash: string }
