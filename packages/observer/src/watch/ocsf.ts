// Change events as lines of the Open Cybersecurity Schema Framework: Detection Finding (2004), one JSON object a line.
import type { ChangeEvent } from './changes.ts'

const activity: Readonly<Record<ChangeEvent['kind'], 1 | 2 | 3>> = {
  'watch-began': 1,
  'finding-new': 1,
  'finding-changed': 2,
  'finding-gone': 3,
  'posture-changed': 2,
  'control-lost': 2,
  'canary-silent': 1,
  'canary-accepted': 1,
  'canary-heard-again': 3,
  'run-failed': 1,
}
const activityNames = { 1: 'Create', 2: 'Update', 3: 'Close' } as const
const severity = { P0: [5, 'Critical'], P1: [4, 'High'], P2: [3, 'Medium'], none: [1, 'Informational'] } as const
const classUid = 2004

export function ocsfLine(event: ChangeEvent, version: string): string {
  const activityId = activity[event.kind]
  const [severityId, severityName] = event.alert && event.priority === 'none' ? severity.P2 : severity[event.priority]
  return `${JSON.stringify({
    activity_id: activityId,
    activity_name: activityNames[activityId],
    category_uid: 2,
    category_name: 'Findings',
    class_uid: classUid,
    class_name: 'Detection Finding',
    type_uid: classUid * 100 + activityId,
    time: event.at * 1000,
    severity_id: severityId,
    severity: severityName,
    status_id: activityId === 3 ? 4 : 1,
    status: activityId === 3 ? 'Resolved' : 'New',
    is_alert: event.alert,
    message: event.says,
    finding_info: { uid: `${event.kind} ${event.place}`, title: event.kind, desc: event.says, types: [event.kind] },
    resources: [{ name: event.place, type: 'API' }],
    metadata: { uid: event.id, version: '1.4.0', product: { name: 'Kimei observer', vendor_name: 'Kimei', version } },
  })}\n`
}
