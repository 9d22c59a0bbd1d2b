// Every table of this folder, for the catalogue. A new table is one line here.
import { bindingDemandRules, credentialRules, permissionRules, readinessRules } from './access-rules.ts'
import { framingRules, passageRules } from './framing-rules.ts'
import { hopRules, hopShapeRules } from './hop-rules.ts'
import { pathRules, routeRules } from './path-rules.ts'

export const resourceServerTables = [
  pathRules,
  routeRules,
  credentialRules,
  bindingDemandRules,
  permissionRules,
  readinessRules,
  framingRules,
  passageRules,
  hopRules,
  hopShapeRules,
]
