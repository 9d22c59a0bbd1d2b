// The sign of Kimei in a browser's tab: a ticket with its stamp.

/** SVG, 32 × 32, for light and dark. */
export const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><style>.p{fill:#fffdf8;stroke:#5f5a50}.s{fill:none;stroke:#a83420}@media (prefers-color-scheme:dark){.p{fill:#242320;stroke:#b3ab9c}.s{stroke:#f0937c}}</style><path class="p" stroke-width="1.5" d="M3 6h26v6a4 4 0 0 0 0 8v6H3z"/><rect class="s" stroke-width="2.5" x="8" y="11" width="11" height="10" rx="1.5"/></svg>
`
