/** PINs as people type and read them. */

const PIN = /^[0-9]{6,8}$/;

/** What is left of a typed or pasted PIN without spaces and dashes. */
export function cleanPin(typed: string): string {
  return typed.slice(0, 40).replace(/[\s-]/g, '');
}

export function isPin(text: string): boolean {
  return PIN.test(text);
}
