// The files for the conformance suite of the OpenID Foundation are good, and a person who takes the steps that they name gets through.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { fileKinds } from '../packages/kimei/src/files/file-kinds.ts'
import { emptyFolder, kimei, kimeiRunning } from '../packages/kimei/test/run-kimei.ts'
import { freePort } from '../packages/kimei/test/serve-kit.ts'
import { selfSigned } from '../packages/testkit/src/certificates.ts'
import { formBrowser } from '../packages/testkit/src/form-browser.ts'
import { suiteFiles, writeSuiteFiles } from './suites.ts'

const ask = {
  issuer: 'https://id.example',
  suite: 'https://suite.example:8443',
  alias: 'kimei',
  api: 'https://api.example/',
  password: 'pass phrase',
}

const issuers = ['openid.yaml', 'fapi2.yaml', 'fapi2-message-signing.yaml'] as const

it('the files are good: behind a proxy, and with TLS of their own', async () => {
  const files = await suiteFiles(ask)
  for (const name of issuers) await fileKinds.issuer.check(name, files[name])
  await fileKinds.guard.check('guard.yaml', files['guard.yaml'])
  const folder = emptyFolder()
  const { cert, key } = selfSigned('id.example')
  writeFileSync(join(folder, 'cert.pem'), cert)
  writeFileSync(join(folder, 'key.pem'), key, { mode: 0o600 })
  const local = { issuer: 'https://localhost:4444', api: 'https://localhost:4445/' }
  writeSuiteFiles(await suiteFiles({ ...ask, ...local, ca: cert, tls: { certFile: 'cert.pem', keyFile: 'key.pem' } }), folder)
  for (const name of [...issuers, 'guard.yaml']) {
    const { code, out, err } = await kimei(['config', 'check', name], { cwd: folder })
    expect([code, `${out}${err}`], name).toEqual([0, expect.stringContaining('good')])
  }
})

interface Task {
  readonly match: string
  readonly commands: readonly (readonly string[])[]
}
interface Plan {
  readonly server: { readonly discoveryUrl: string }
  readonly browser: readonly { readonly match: string; readonly tasks: readonly Task[] }[]
}
const fits = (url: string, pattern: string) =>
  new RegExp(
    `^${pattern
      .split('*')
      .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\/]/g, '\\$&'))
      .join('.*')}$`,
  ).test(url)

it('DCR-3-01 DISC-3-01: kimei serve runs it: the suite registers itself, and the steps of the plan lead to a code', async () => {
  const folder = emptyFolder()
  const issuer = `http://127.0.0.1:${await freePort()}`
  const files = await suiteFiles({ ...ask, issuer })
  writeSuiteFiles(files, folder)
  const running = kimeiRunning(['serve', '--config', join(folder, 'openid.yaml')], { cwd: folder })
  await running.until(/listens on/)
  const plan = files['openid-plan.json'] as Plan
  const metadata = (await (await fetch(plan.server.discoveryUrl)).json()) as Record<string, string>
  const redirectUri = `${ask.suite}/test/a/kimei/callback`
  const registered = await fetch(metadata['registration_endpoint'] ?? '', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      client_name: 'suite',
      redirect_uris: [redirectUri],
      grant_types: ['authorization_code'],
      response_types: ['code'],
    }),
  })
  expect(registered.status).toBe(201)
  const { client_id: clientId } = (await registered.json()) as Record<string, string>
  const query = new URLSearchParams({
    client_id: clientId ?? '',
    redirect_uri: redirectUri,
    response_type: 'code',
    scope: 'openid',
    state: 's',
  })
  const browser = formBrowser(issuer)
  let page = await browser.open(`${metadata['authorization_endpoint']}?${query}`)
  const steps = plan.browser.find(({ match }) => fits(`${metadata['authorization_endpoint']}?${query}`, match))
  for (const { match, commands } of steps?.tasks ?? []) {
    if (!fits(page.url.href, match)) continue
    const fields = Object.fromEntries(commands.filter(([what]) => what === 'text').map(([, , id = '', value = '']) => [id, value]))
    const click = commands.find(([what]) => what === 'click')
    if (click) page = await browser.press(page, click[2] ?? '', fields)
  }
  expect(page.url.href.startsWith(redirectUri)).toBe(true)
  expect(page.url.searchParams.get('code')).toBeTruthy()
  const known = files['openid-static-plan.json'] as {
    readonly client: Record<string, string>
    readonly client_secret_post: Record<string, string>
  }
  const body = new URLSearchParams({
    grant_type: 'authorization_code',
    code: 'none',
    redirect_uri: redirectUri,
    ...known.client_secret_post,
  })
  const answer = (await (await fetch(metadata['token_endpoint'] ?? '', { method: 'POST', body })).json()) as Record<string, string>
  // Known and authenticated; only the code is none.
  expect(answer['error']).toBe('invalid_grant')
  expect((await running.stop()).code).toBe(0)
})
