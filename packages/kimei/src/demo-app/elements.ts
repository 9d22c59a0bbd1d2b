// Builds elements; text is always text. The one exception is the ticket, drawn by `look` and let through by name.

type Child = Node | string | undefined
type Attributes = Readonly<Record<string, string | boolean | (() => void) | undefined>>

/** `element('button', { type: 'button', onclick: go }, 'Go')` */
export function element<K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(name)
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === 'function') made.addEventListener(key.replace(/^on/, ''), value)
    else if (value === true) made.setAttribute(key, '')
    else if (typeof value === 'string') made.setAttribute(key, value)
  }
  made.append(...children.filter((child) => child !== undefined))
  return made
}

interface TrustedTypes {
  createPolicy(name: string, rules: { createHTML(text: string): string }): { createHTML(text: string): string }
}

const drawn = (globalThis as { trustedTypes?: TrustedTypes }).trustedTypes?.createPolicy('kimei-ticket', { createHTML: (svg) => svg })

/** Puts the SVG that `ticketSvg` made into the page. */
export function drawing(svg: string): HTMLElement {
  const holder = element('div', { class: 'drawing' })
  holder.innerHTML = drawn?.createHTML(svg) ?? svg
  return holder
}
