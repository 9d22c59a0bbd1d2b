// Looks at an issuer or API from outside, behind whatever proxies, and says what is wrong with how it stands there. Only re-exports.

export type { DoctorOptions, Examination, Health, Line as ExaminationLine, ProxyLine } from './examination.ts'
export { examine, exitCodeOfExamination } from './examine.ts'
export { renderExamination } from './words.ts'
