/** What was typed into the entry form before the application was there. */

export interface Typed {
  value: string;
  focused: boolean;
  /** The form was sent already: to be done as soon as it can be. */
  submitted: boolean;
}

let typed: Typed | null = null;

/** Note it, just before the application takes the form's place. */
export function noteTyped(root: HTMLElement | null): void {
  const input = root?.querySelector('input');
  if (!input) return;
  typed = {
    value: input.value,
    focused: document.activeElement === input,
    submitted: input.form?.dataset.submitted !== undefined,
  };
}

/** Have it, once. */
export function takeTyped(): Typed | null {
  const taken = typed;
  typed = null;
  return taken;
}
