/** Adds a measurement to the test output. */
export function report(text: string): void {
  process.stdout.write(`     ${text}\n`);
}
