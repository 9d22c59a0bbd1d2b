// The checklist row of a registration (RFC 7591): who may, what is sent, what the operator allows.
import {
  certificateClientRules,
  clientMetadataRules,
  logoutUriRules,
  metadataRules,
  outsideRules,
  redirectUriRules,
  requestSigningRules,
  subjectMembersRules,
} from '@kimei/protocol'
import { type ChecklistRow, steps, table } from './checklist-steps.ts'

export const registrationRow: ChecklistRow = {
  endpoint: 'register',
  judged: [
    steps('attempts', 'registration.attempts-are-few'),
    steps('initial token', 'registration.initial-token-is-presented', 'registration.initial-token-is-good'),
    steps('software statement', 'software-statement.is-sent'),
    table('redirect URI', redirectUriRules),
    table('metadata', metadataRules),
    table('name of the certificate', subjectMembersRules),
    steps('keys', 'client-metadata.keys-are-public'),
    table('signing out', logoutUriRules),
    steps('policy', 'registration.redirect-hosts-are-allowed'),
    table('client', clientMetadataRules, certificateClientRules, requestSigningRules, outsideRules),
  ],
  once: ['registration.there-is-room'],
}
