/** What was typed into the entry form before the application had loaded. */

export interface Typed {
  value: string;
  focused: boolean;
  /** The form was already submitted, and must be processed as soon as possible. */
  submitted: boolean;
}

let typed: Typed | null = null;

/** Save the input just before the application replaces the form. */
export function noteTyped(root: HTMLElement | null): void {
  const input = root?.querySelector('input');
  if (!input) return;
  typed = {
    value: input.value,
    focused: document.activeElement === input,
    submitted: input.form?.dataset.submitted !== undefined,
  };
}

/** Return the saved input once. */
export function takeTyped(): Typed | null {
  const taken = typed;
  typed = null;
  return taken;
}
