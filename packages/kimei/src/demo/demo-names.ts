// Where the demo's parts are: one host name, four ports.

export interface DemoPlaces {
  /** `localhost` for people, `127.0.0.1` where a machine talks to itself. */
  readonly host: string
  readonly issuer: string
  /** Origin of the API; its identifier adds a slash. */
  readonly api: string
  readonly app: string
  /** Asks for certificates: the issuer and the API for those who have one. */
  readonly mtls: string
}

export interface DemoPorts {
  readonly issuer: number
  readonly api: number
  readonly app: number
  readonly mtls: number
}

/** Any that are free. */
export const freePorts: DemoPorts = { issuer: 0, api: 0, app: 0, mtls: 0 }

export function placesOf(host: string, ports: DemoPorts): DemoPlaces {
  const at = (port: number): string => `${host}:${port}`
  return {
    host,
    issuer: `http://${at(ports.issuer)}`,
    api: `http://${at(ports.api)}`,
    app: `http://${at(ports.app)}`,
    mtls: `https://${at(ports.mtls)}`,
  }
}

/** The identifier of the demo API: `aud` of its tickets. */
export function resourceOf(places: DemoPlaces): string {
  return `${places.api}/`
}

/** The identifier of the same API for tickets that are bound to a certificate. */
export function certifiedResourceOf(places: DemoPlaces): string {
  return `${places.mtls}/`
}
