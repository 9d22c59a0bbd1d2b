// Sentences of the pages on which a person allows a device. Japanese is written, not translated.

export const deviceSentences = {
  'device.title': { ja: '機器をつなぐ', en: 'Connect a device' },
  'device.enter': { ja: '機器の画面に表示されているコードを入力してください。', en: 'Enter the code that your device shows.' },
  'device.code': { ja: 'コード', en: 'Code' },
  'device.code-hint': {
    ja: '英字 8 文字。大文字と小文字、ハイフンの有無は問いません。',
    en: 'Eight letters. Case and hyphens do not matter.',
  },
  'device.continue': { ja: '次へ', en: 'Continue' },
  'device.only-yours': {
    ja: '目の前の機器に、自分で表示させたコードだけを入力してください。電話やメールで「このコードを入れて」と頼まれたら、それは詐欺です。',
    en: 'Enter only a code that a device in front of you shows because you asked for it. Somebody who sends or tells you a code wants your access.',
  },
  'device.missing': { ja: 'コードを入力してください。', en: 'Please enter the code.' },
  'device.malformed': {
    ja: 'コードは英字 8 文字です。機器の画面をもう一度お確かめください。',
    en: 'A code has eight letters. Please look at the device again.',
  },
  'device.unknown': {
    ja: 'このコードは使えません。入力の誤りか、期限切れです。お確かめのうえ、必要なら機器に新しいコードを表示させてください。',
    en: 'This code does not work: it was mistyped or is too old. Please check it, or let the device show a new one.',
  },
  'device.slow': {
    ja: '違うコードが続いたため、あと {minutes} 分ほどは入力できません。',
    en: 'Too many wrong codes. Please try again in about {minutes} minutes.',
  },
  'device.far': {
    ja: 'この機器は、いまお使いのネットワークの外から許可を求めています。機器と同じネットワークにつないでから、もう一度お試しください。',
    en: 'This device asks from outside the network that you are on. Please join the same network as the device and try again.',
  },
  'device.asks': { ja: '機器の「{client}」が許可を求めています', en: '{client} on a device asks for your permission' },
  'device.compare': { ja: '目の前の機器に、このコードが表示されていますか。', en: 'Does the device in front of you show this code?' },
  'device.warning': {
    ja: '目の前の機器で、自分で始めた操作でなければ許可しないでください。許可すると、その機器を持つ人があなたに代わってアクセスできるようになります。',
    en: 'Only continue if you started this on a device in front of you. Whoever holds the device gets the access that you allow.',
  },
  'device.when': { ja: '求められた時刻', en: 'Asked at' },
  'device.just-now': { ja: 'たった今（{time}）', en: 'just now ({time})' },
  'device.minutes-ago': { ja: '{minutes} 分前（{time}）', en: '{minutes} min ago ({time})' },
  'device.from': { ja: '求めた場所', en: 'Asked from' },
  'device.same-network': { ja: 'いまお使いのネットワークと同じです', en: 'the network that you are on' },
  'device.other-network': {
    ja: 'いまお使いのネットワークではありません。心当たりがなければ、許可しないでください。',
    en: 'Not the network that you are on. Do not allow it unless you know why.',
  },
  'device.unknown-place': { ja: '不明', en: 'unknown' },
  'device.allow': { ja: 'この機器に許可する', en: 'Allow this device' },
  'device.allowed-title': { ja: '機器に許可しました', en: 'The device is allowed' },
  'device.allowed': {
    ja: '機器の画面に戻ってください。まもなく続きが始まります。この画面は閉じてかまいません。',
    en: 'Go back to your device: it continues in a moment. You may close this page.',
  },
  'device.denied-title': { ja: '許可しませんでした', en: 'The device is not allowed' },
  'device.denied': {
    ja: '機器には何も渡していません。コードを誰かから受け取ったのなら、その相手には応じないでください。',
    en: 'The device was given nothing. If somebody sent you the code, do not do what they ask.',
  },
} as const
