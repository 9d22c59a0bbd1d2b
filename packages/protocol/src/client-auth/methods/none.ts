// Public clients: identified by client_id, authenticated by nothing (OAuth 2.1 §3.2.1).
import type { ClientAuthMethodRow } from './method.ts'

export const none: ClientAuthMethodRow = {
  name: 'none',
  read: ({ form }) => {
    const clientId = form.get('client_id')
    return clientId === undefined ? undefined : { method: 'none', clientId, credential: undefined }
  },
  check: () => [],
}
