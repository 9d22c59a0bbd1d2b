// Scopes that OpenID Connect gives a meaning (Core §5.4, §11), with the words the consent page shows. Configuration may replace them.
import type { ScopeConfig } from './schema.ts'

export const builtInScopes: readonly ScopeConfig[] = [
  {
    scope: 'openid',
    description: { ja: 'あなたがどの利用者かを確かめること', en: 'Know which user you are' },
    claims: [],
  },
  {
    scope: 'profile',
    description: { ja: '名前などのプロフィールを見ること', en: 'See your name and profile' },
    claims: [
      'name',
      'family_name',
      'given_name',
      'middle_name',
      'nickname',
      'preferred_username',
      'profile',
      'picture',
      'website',
      'gender',
      'birthdate',
      'zoneinfo',
      'locale',
      'updated_at',
    ],
  },
  { scope: 'email', description: { ja: 'メールアドレスを見ること', en: 'See your e-mail address' }, claims: ['email', 'email_verified'] },
  { scope: 'address', description: { ja: '住所を見ること', en: 'See your address' }, claims: ['address'] },
  {
    scope: 'phone',
    description: { ja: '電話番号を見ること', en: 'See your phone number' },
    claims: ['phone_number', 'phone_number_verified'],
  },
  {
    scope: 'offline_access',
    description: { ja: 'あなたが使っていない間も続けて利用すること', en: 'Stay connected while you are away' },
    claims: [],
  },
]
