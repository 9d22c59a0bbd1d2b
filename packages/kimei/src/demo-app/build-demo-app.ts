// Builds the demo app when it is first asked for: one page, one script, one stylesheet, and the headers they go out with.
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { demoStylesheet } from './demo-stylesheet.ts'
import { renderIndexHtml } from './index-html.ts'

export interface DemoAppOptions {
  /** Default `http://localhost:4444`. */
  readonly issuer?: string
  /** Identifier of the API, an origin with a slash; default `http://localhost:4445/`. */
  readonly api?: string
  /** Default `demo-app`. */
  readonly clientId?: string
}

export interface DemoFile {
  readonly type: string
  readonly body: string
}

export interface DemoApp {
  /** By path. `/callback` is the same page as `/`. */
  readonly files: ReadonlyMap<string, DemoFile>
  /** For every answer of the demo app's origin. */
  readonly headers: Readonly<Record<string, string>>
}

/** The bundle of a packed installation, beside this file; written by `tools/pack.ts`. */
export const packedBundle = 'app.bundle.js'

let bundled: Promise<string> | undefined

/** The bundle is made once in a process; everything else depends on the options. */
export async function buildDemoApp(options: DemoAppOptions = {}): Promise<DemoApp> {
  const issuer = options.issuer ?? 'http://localhost:4444'
  const api = options.api ?? 'http://localhost:4445/'
  const page = { type: 'text/html; charset=utf-8', body: renderIndexHtml({ issuer, api, clientId: options.clientId ?? 'demo-app' }) }
  bundled ??= bundle()
  bundled.catch(() => {
    bundled = undefined
  })
  return {
    files: new Map([
      ['/', page],
      ['/callback', page],
      ['/app.js', { type: 'text/javascript; charset=utf-8', body: await bundled }],
      ['/style.css', { type: 'text/css; charset=utf-8', body: demoStylesheet }],
    ]),
    headers: {
      'content-security-policy': contentSecurityPolicy(issuer, api),
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
      'permissions-policy': 'camera=(), geolocation=(), microphone=()',
      'cache-control': 'no-store',
    },
  }
}

/** RFC 9449 §11.4: the key cannot be read, so what is left is to keep strangers' code out of the page. */
function contentSecurityPolicy(issuer: string, api: string): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    `connect-src ${[...new Set([new URL(issuer).origin, new URL(api).origin])].join(' ')}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    'trusted-types kimei-ticket',
  ].join('; ')
}

/** A packed installation carries the bundle; here it is made from the sources. */
async function bundle(): Promise<string> {
  const packed = join(import.meta.dirname, packedBundle)
  return existsSync(packed) ? readFile(packed, 'utf8') : bundleDemoApp(join(import.meta.dirname, 'app.ts'))
}

/** The bundler is loaded only here: it is of no use to anything else. */
export async function bundleDemoApp(entry: string): Promise<string> {
  const { rolldown } = await import('rolldown')
  const build = await rolldown({ input: entry, platform: 'browser', logLevel: 'silent', treeshake: { moduleSideEffects: false } })
  try {
    const { output } = await build.generate({ format: 'esm', minify: true, codeSplitting: false })
    return output[0].code
  } finally {
    await build.close()
  }
}
