// Bare node:https that asks for a certificate, and answers nothing.
import { reportTo } from '../contestant.ts'
import { listenBareTls, readMtlsFiles } from './mtls-files.ts'

reportTo(process, await listenBareTls(readMtlsFiles(process.argv[2] ?? ''), (_request, response) => void response.end()))
