// The demo's own authority: made once, kept, renewed in time, and good for this machine's names alone.
import { X509Certificate } from 'node:crypto'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createCertificate } from '@kimei/client/node'
import { createTlsServer } from '@kimei/guard/listen'
import { describe, expect, it, onTestFinished } from 'vitest'
import { issueCertificate, makeAuthority } from '../src/demo/demo-authority.ts'
import { certificateFiles, type DemoCertificates, loadDemoCertificates } from '../src/demo/demo-certificates.ts'
import { type DemoFolder, openDemoFolder } from '../src/demo/demo-folder.ts'
import { emptyFolder } from './run-kimei.ts'

const now = Math.floor(Date.now() / 1000)
const day = 86_400
const names = ['authority', 'clientAuthority', 'listener', 'machine'] as const
const openFolder = (): DemoFolder => openDemoFolder(join(emptyFolder(), 'dev'))

/** Which of them are others than before. */
function changed(before: DemoCertificates, after: DemoCertificates): readonly string[] {
  return names.filter((name) => before[name].cert !== after[name].cert)
}

describe('in its folder', () => {
  it('each file is its owner’s alone, and a second start changes none', async () => {
    const folder = openFolder()
    const first = await loadDemoCertificates(folder, now)
    for (const name of names) {
      for (const file of Object.values(certificateFiles[name])) expect(statSync(folder.file(file)).mode & 0o777, file).toBe(0o600)
    }
    expect(await loadDemoCertificates(folder, now + day)).toEqual(first)
  })

  it('what is certified is renewed before it expires, the authority too, and what is damaged is made anew', async () => {
    const folder = openFolder()
    const first = await loadDemoCertificates(folder, now)
    const later = await loadDemoCertificates(folder, now + 61 * day)
    expect(changed(first, later)).toEqual(['listener', 'machine'])
    expect(new X509Certificate(later.machine.cert).subject).toBe(new X509Certificate(first.machine.cert).subject)
    const muchLater = await loadDemoCertificates(folder, now + 611 * day)
    expect(changed(later, muchLater)).toEqual([...names])
    writeFileSync(folder.file(certificateFiles.machine.key), 'damaged')
    const mended = await loadDemoCertificates(folder, now + 611 * day)
    expect(changed(muchLater, mended)).toEqual(['machine'])
    writeFileSync(folder.file(certificateFiles.authority.key), readFileSync(folder.file(certificateFiles.machine.key)))
    expect(changed(mended, await loadDemoCertificates(folder, now + 611 * day))).toEqual(['authority', 'listener'])
  })
})

/** What a holder that trusts this authority says of a server with this certificate. */
async function callWith(shown: { cert: string; key: string }, authority: string, host: string): Promise<string> {
  const { server } = createTlsServer(shown, 'never', {})
  server.on('request', (_request, response) => response.end('yes'))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const own = await issueCertificate(await makeAuthority('clients', now), { commonName: 'caller', usage: 'client', now })
  const certificate = createCertificate({ ...own, ca: authority })
  onTestFinished(async () => {
    await certificate.close()
    server.close()
  })
  const { port } = server.address() as { port: number }
  const answer = await certificate.plainFetch(`https://${host}:${port}/`).catch((error: Error) => error)
  return answer instanceof Error ? answer.message : answer.text()
}

describe('its authority for servers', () => {
  it('speaks for localhost and its addresses, by the names that callers use', async () => {
    const { authority, listener } = await loadDemoCertificates(openFolder(), now)
    for (const host of ['localhost', '127.0.0.1']) expect(await callWith(listener, authority.cert, host)).toBe('yes')
  })

  it('speaks for no client, and the one for clients for no server', async () => {
    const { authority, clientAuthority, listener, machine } = await loadDemoCertificates(openFolder(), now)
    expect(await callWith(machine, clientAuthority.cert, 'localhost')).toMatch(/not sound|another name/)
    expect(await callWith(listener, clientAuthority.cert, 'localhost')).toContain('an authority that is not known here')
    expect(await callWith(machine, authority.cert, 'localhost')).toContain('an authority that is not known here')
  })
})
