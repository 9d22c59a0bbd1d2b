// The paths of the pages. The issuer's own path comes before them.
import type { PageRoutes } from '../steps/contract.ts'
import { sendHistoryCsv, sendHistoryJson } from './answer-access-history.ts'
import { showAccount, takeAccount } from './answer-account.ts'
import { sendClientLogo } from './answer-client-logo.ts'
import { showConsent, takeConsent } from './answer-consent.ts'
import { showDevice, showDeviceDone, takeDevice } from './answer-device.ts'
import { answerLogout } from './answer-logout.ts'
import { showSecondFactor, takeSecondFactor } from './answer-second-factor.ts'
import { showSignIn, takeSignIn } from './answer-sign-in.ts'
import { showSignedOut, takeSignOut } from './answer-signed-out.ts'
import { pageAssets, sendAsset } from './assets.ts'

/** Only where devices are served. */
export const deviceRoutes: PageRoutes = [
  { method: 'GET', path: '/device', handle: showDevice },
  { method: 'POST', path: '/device', handle: takeDevice },
  { method: 'GET', path: '/device/allowed', handle: showDeviceDone('allowed') },
  { method: 'GET', path: '/device/denied', handle: showDeviceDone('denied') },
]

export const pageRoutes: PageRoutes = [
  { method: 'GET', path: '/signin', handle: showSignIn },
  { method: 'POST', path: '/signin', handle: takeSignIn },
  { method: 'GET', path: '/second-factor', handle: showSecondFactor },
  { method: 'POST', path: '/second-factor', handle: takeSecondFactor },
  { method: 'GET', path: '/consent', handle: showConsent },
  { method: 'POST', path: '/consent', handle: takeConsent },
  { method: 'GET', path: '/signed-out', handle: showSignedOut },
  { method: 'POST', path: '/signed-out', handle: takeSignOut },
  { method: 'GET', path: '/client-logo', handle: sendClientLogo },
  { method: 'GET', path: '/logout', handle: answerLogout },
  { method: 'POST', path: '/logout', handle: answerLogout },
  { method: 'GET', path: '/account', handle: showAccount },
  { method: 'POST', path: '/account', handle: takeAccount },
  { method: 'GET', path: '/account/history.json', handle: sendHistoryJson },
  { method: 'GET', path: '/account/history.csv', handle: sendHistoryCsv },
  ...Object.values(pageAssets).map((asset) => ({ method: 'GET' as const, path: asset.path, handle: sendAsset(asset) })),
]
