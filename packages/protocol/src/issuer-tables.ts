// The rule tables that the issuer alone enforces, in the order of a request's life. One line a table.
import {
  authorizationRules,
  challengeRules,
  pageRules,
  pkceRequestRules,
  redirectTrustRules,
  resourceRules,
  scopePresenceRules,
  scopeRules,
  signInRules,
  silentRules,
  targetRules,
} from './authorization/index.ts'
import { assertionRules, assertionShapeRules, clientAuthRules } from './client-auth/index.ts'
import { clientMetadataRules, redirectUriRules } from './client-metadata/index.ts'
import { formRules } from './form.ts'
import {
  clientCredentialsRules,
  codeKnownRules,
  codeRules,
  directRequestRules,
  refreshKnownRules,
  refreshRules,
  repeatRules,
  revocationRules,
  tokenRequestRules,
  userinfoRules,
} from './grants/index.ts'

export const issuerTables = [
  directRequestRules,
  formRules,
  clientMetadataRules,
  redirectUriRules,
  redirectTrustRules,
  authorizationRules,
  pkceRequestRules,
  challengeRules,
  scopePresenceRules,
  resourceRules,
  targetRules,
  scopeRules,
  silentRules,
  pageRules,
  signInRules,
  clientAuthRules,
  assertionShapeRules,
  assertionRules,
  tokenRequestRules,
  clientCredentialsRules,
  codeKnownRules,
  codeRules,
  refreshKnownRules,
  refreshRules,
  repeatRules,
  revocationRules,
  userinfoRules,
]
