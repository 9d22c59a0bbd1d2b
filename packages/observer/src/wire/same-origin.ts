// Whether an endpoint that metadata names stands where the issuer stands: what is elsewhere is asked only where the inventory lists it.

export function sameOrigin(url: string, other: string | undefined): boolean {
  return other !== undefined && URL.canParse(url) && URL.canParse(other) && new URL(url).origin === new URL(other).origin
}
