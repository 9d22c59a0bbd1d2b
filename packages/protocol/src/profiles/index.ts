export * from './profile.ts'
export * from './profile-rules.ts'
