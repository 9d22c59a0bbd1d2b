// Where the demo's three parts are: one host name, three ports.

export interface DemoPlaces {
  /** `localhost` for people, `127.0.0.1` where a machine talks to itself. */
  readonly host: string
  readonly issuer: string
  /** Origin of the API; its identifier adds a slash. */
  readonly api: string
  readonly app: string
}

export interface DemoPorts {
  readonly issuer: number
  readonly api: number
  readonly app: number
}

export function placesOf(host: string, ports: DemoPorts): DemoPlaces {
  return { host, issuer: `http://${host}:${ports.issuer}`, api: `http://${host}:${ports.api}`, app: `http://${host}:${ports.app}` }
}

/** The identifier of the demo API: `aud` of its tickets. */
export function resourceOf(places: DemoPlaces): string {
  return `${places.api}/`
}
