// Kimei's listener for clients with certificates, in front of an app that answers nothing.
import { listen } from '@kimei/server'
import { reportTo } from '../contestant.ts'
import { readMtlsFiles } from './mtls-files.ts'

const { serving } = readMtlsFiles(process.argv[2] ?? '')
const app = { fetch: () => new Response() }
const { port } = await listen(app, { host: '127.0.0.1', port: 0, tls: serving, clientCertificates: 'requested' })
reportTo(process, port)
