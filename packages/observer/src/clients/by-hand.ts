// What a person, or whoever drives a browser for one, is shown and answers. Types only.

export interface DeviceView {
  readonly userCode: string
  readonly verificationUri: string
  readonly verificationUriComplete?: string | undefined
}

export type SignInAnswer =
  /** The URL of the redirect back to the client, query included. */
  | { readonly redirectedTo: string }
  /** A page that is no redirect: an error page, or a form the driver cannot pass. */
  | { readonly page: string; readonly status: number }
