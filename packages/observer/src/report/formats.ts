// The formats of a report: how each is named, which file names mean it, and who renders it.
import type { Observation, ReportOptions } from '../observation.ts'
import { renderCsv } from './csv.ts'
import { renderHar } from './har.ts'
import { renderHtml } from './html/page.ts'
import { renderJson } from './json.ts'
import { renderJunit } from './junit.ts'
import { renderMarkdown } from './markdown.ts'
import { renderSarif } from './sarif.ts'
import { renderText } from './text.ts'

export interface Format {
  readonly says: string
  /** How names of such files end. */
  readonly endings: readonly string[]
  readonly render: (observation: Observation, options: FormatOptions) => string
}

/** `both`: one file in both languages, where the format can hold two. */
export type FormatOptions = ReportOptions & { readonly both?: boolean }

export const formats = {
  text: { says: 'for a terminal', endings: ['.txt'], render: renderText },
  html: { says: 'one page for people, complete in itself', endings: ['.html', '.htm'], render: renderHtml },
  json: { says: 'everything, for programs', endings: ['.json'], render: renderJson },
  sarif: {
    says: 'for code scanning',
    endings: ['.sarif', '.sarif.json'],
    render: renderSarif,
  },
  junit: { says: 'for continuous integration', endings: ['.xml'], render: renderJunit },
  markdown: {
    says: 'for a comment on a change',
    endings: ['.md', '.markdown'],
    render: renderMarkdown,
  },
  csv: { says: 'for a spreadsheet', endings: ['.csv'], render: renderCsv },
  har: { says: 'the exchanges, without secrets', endings: ['.har'], render: renderHar },
} as const satisfies Record<string, Format>

export type FormatName = keyof typeof formats

export const formatNames = Object.keys(formats) as readonly FormatName[]

export function isFormat(name: string): name is FormatName {
  return Object.hasOwn(formats, name)
}

/** What a file name means; the longest ending wins. */
export function formatOfFile(path: string): FormatName | undefined {
  const fitting = formatNames.flatMap((name) =>
    formats[name].endings.filter((ending) => path.toLowerCase().endsWith(ending)).map((ending) => ({ name, ending })),
  )
  return fitting.sort((a, b) => b.ending.length - a.ending.length)[0]?.name
}

export function renderReport(observation: Observation, format: FormatName, options: FormatOptions = {}): string {
  const { render } = formats[format] as Format
  return render(observation, options)
}
