// What people call the standard claims (OpenID Connect Core §5.1), in Japanese and English. Others keep their own name.
import type { Language } from './language.ts'

const names: Readonly<Record<string, Readonly<Record<Language, string>>>> = {
  sub: { ja: '識別子', en: 'identifier' },
  name: { ja: '氏名', en: 'full name' },
  given_name: { ja: '名', en: 'given name' },
  family_name: { ja: '姓', en: 'family name' },
  middle_name: { ja: 'ミドルネーム', en: 'middle name' },
  nickname: { ja: 'ニックネーム', en: 'nickname' },
  preferred_username: { ja: 'ユーザー名', en: 'username' },
  profile: { ja: 'プロフィールのページ', en: 'profile page' },
  picture: { ja: '写真', en: 'picture' },
  website: { ja: 'ウェブサイト', en: 'website' },
  email: { ja: 'メールアドレス', en: 'e-mail address' },
  email_verified: { ja: 'メールアドレスが確認済みかどうか', en: 'whether the e-mail address was verified' },
  gender: { ja: '性別', en: 'gender' },
  birthdate: { ja: '生年月日', en: 'date of birth' },
  zoneinfo: { ja: 'タイムゾーン', en: 'time zone' },
  locale: { ja: '言語と地域', en: 'language and region' },
  phone_number: { ja: '電話番号', en: 'phone number' },
  phone_number_verified: { ja: '電話番号が確認済みかどうか', en: 'whether the phone number was verified' },
  address: { ja: '住所', en: 'postal address' },
  updated_at: { ja: 'プロフィールの更新日時', en: 'when the profile was last changed' },
}

/** `email#ja` is the e-mail address, too (Core §5.2). */
export function claimName(language: Language, claim: string): string {
  return names[claim.split('#', 1)[0] ?? claim]?.[language] ?? claim
}
