// The one page of the demo app: a frame that the script fills. What it must know stands in attributes.

export interface IndexOptions {
  readonly issuer: string
  readonly api: string
  readonly clientId: string
}

export function renderIndexHtml({ issuer, api, clientId }: IndexOptions): string {
  return `<!doctype html>
<html lang="en" data-issuer="${attribute(issuer)}" data-api="${attribute(api)}" data-client-id="${attribute(clientId)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Kimei demo</title>
<link rel="stylesheet" href="/style.css">
<link rel="icon" href="data:,">
<script type="module" src="/app.js"></script>
</head>
<body>
<header class="site"><span class="name">Kimei</span><nav class="languages"></nav></header>
<main id="main"></main>
<footer class="site"></footer>
<noscript><p>This demo needs JavaScript: a page cannot hold a key without it. / このデモには JavaScript が必要です。スクリプトなしのページは鍵を持てません。</p></noscript>
</body>
</html>
`
}

function attribute(value: string): string {
  return value.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;')
}
