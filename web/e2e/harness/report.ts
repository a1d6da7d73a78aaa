/** A figure for whoever runs the tests, beside the list of them. */
export function report(text: string): void {
  process.stdout.write(`     ${text}\n`);
}
