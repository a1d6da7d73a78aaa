/** Toasts. Errors say what happened and what to do about it. */
import { readonly, ref } from 'vue';

import { ApiError } from '@/api/problem';
import { hasText, loadAreas, t } from '@/i18n';

export interface Toast {
  id: number;
  kind: 'info' | 'success' | 'error';
  text: string;
  /** What the user can do now. */
  advice?: string;
  /** An optional action. It must be available elsewhere too, since toasts disappear. */
  action?: ToastAction;
}

export interface ToastAction {
  label: string;
  run: () => void;
}

const SHOWN_MS = { info: 4_000, success: 3_000, error: 8_000 };
const SHOWN_WITH_ACTION_MS = 10_000;
const AT_ONCE = 3;
/** Delay, so that the page's own requests go first. */
const KEPT_AFTER_MS = 3_000;

const list = ref<Toast[]>([]);
/** By toast, how long it is shown and what removes it. */
const timers = new Map<number, { shown_ms: number; timer: ReturnType<typeof setTimeout> }>();
let lastId = 0;

export const toasts = readonly(list);

export function toast(kind: Toast['kind'], text: string, advice?: string): void {
  if (list.value.some((shown) => shown.text === text && shown.kind === kind)) return;
  show({ kind, text, ...(advice ? { advice } : {}) }, SHOWN_MS[kind]);
}

/** Show a message with an action such as undo. Replaces the previous one. Returns how to dismiss it. */
export function toastWithAction(
  text: string,
  action: ToastAction,
  kind: Toast['kind'] = 'info',
): () => void {
  list.value = list.value.filter((shown) => !shown.action);
  return show({ kind, text, action }, SHOWN_WITH_ACTION_MS);
}

function show(what: Omit<Toast, 'id'>, shown_ms: number): () => void {
  const id = ++lastId;
  list.value = [...list.value, { id, ...what }].slice(-AT_ONCE);
  timers.set(id, { shown_ms, timer: setTimeout(() => dismiss(id), shown_ms) });
  return () => dismiss(id);
}

/** Keep a toast while it is pointed at or focused. */
export function hold(id: number): void {
  clearTimeout(timers.get(id)?.timer);
}

/** Show a toast that was held for its full time again. */
export function release(id: number): void {
  const kept = timers.get(id);
  if (!kept) return;
  clearTimeout(kept.timer);
  kept.timer = setTimeout(() => dismiss(id), kept.shown_ms);
}

export function dismiss(id: number): void {
  hold(id);
  timers.delete(id);
  list.value = list.value.filter((shown) => shown.id !== id);
}

/** Preload the error texts while there is a network. */
export function keepErrorTexts(): void {
  setTimeout(() => void loadAreas('errors').catch(() => undefined), KEPT_AFTER_MS);
}

/** Show an error in the user's language. Anything but a refusal by the server counts as a bug. */
export async function toastError(error: unknown): Promise<void> {
  const { text, advice } = await errorTexts(codeOf(error));
  toast('error', text, advice);
}

/**
 * The text and advice for an error code; newer servers may have unknown codes. Never fails: if the
 * texts cannot be loaded, it reports a missing network.
 */
export async function errorTexts(code: string): Promise<{ text: string; advice: string }> {
  try {
    await loadAreas('errors');
  } catch {
    return { text: t('common.no_connection.text'), advice: t('common.no_connection.advice') };
  }
  const known = hasText(`errors.${code}.text`) ? code : 'internal';
  return { text: t(`errors.${known}.text`), advice: t(`errors.${known}.advice`) };
}

/** `errorTexts` in one paragraph. */
export async function explanationOf(code: string): Promise<string> {
  const { text, advice } = await errorTexts(code);
  return `${text} ${advice}`;
}

/** The code of a refusal by the server; anything else is a bug. */
export function codeOf(error: unknown): string {
  return error instanceof ApiError ? error.code : 'internal';
}
