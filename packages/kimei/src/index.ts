// The command as a library: the demo, for tests and benches that want it in their own process. Only re-exports.
export { type Demo, startDemo } from './demo/start-demo.ts'
