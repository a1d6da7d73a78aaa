/** Starts the stack before all tests; the returned function stops it. */
import { Stack, startStack } from './stack.ts';

export default async function setup(): Promise<() => Promise<void>> {
  const stack = await startStack();
  process.env[Stack.DIRECTORY] = stack.directory;
  process.env[Stack.PORT] = String(stack.port);
  return () => stack.stop();
}
