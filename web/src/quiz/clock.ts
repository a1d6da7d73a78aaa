/** Format time left, in ms, as `1:05`, rounded up to whole seconds. */
export function minutesAndSeconds(left_ms: number): string {
  const seconds = Math.ceil(left_ms / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
