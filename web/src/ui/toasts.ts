/** Toasts. Errors say what happened and what to do about it. */
import { readonly, ref } from 'vue';

import { ApiError } from '@/api/problem';
import { hasText, loadAreas, t } from '@/i18n';

export interface Toast {
  id: number;
  kind: 'info' | 'success' | 'error';
  text: string;
  /** What the user can do now. */
  way_on?: string;
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
let lastId = 0;

export const toasts = readonly(list);

export function toast(kind: Toast['kind'], text: string, way_on?: string): void {
  if (list.value.some((shown) => shown.text === text && shown.kind === kind)) return;
  show({ kind, text, ...(way_on ? { way_on } : {}) }, SHOWN_MS[kind]);
}

/** Show a message with an action such as undo. Replaces the previous one. */
export function toastWithAction(
  text: string,
  action: ToastAction,
  kind: Toast['kind'] = 'info',
): void {
  list.value = list.value.filter((shown) => !shown.action);
  show({ kind, text, action }, SHOWN_WITH_ACTION_MS);
}

function show(what: Omit<Toast, 'id'>, shown_ms: number): void {
  const id = ++lastId;
  list.value = [...list.value, { id, ...what }].slice(-AT_ONCE);
  setTimeout(() => dismiss(id), shown_ms);
}

export function dismiss(id: number): void {
  list.value = list.value.filter((shown) => shown.id !== id);
}

/** Preload the error texts while there is a network. */
export function keepErrorTexts(): void {
  setTimeout(() => void loadAreas('errors').catch(() => undefined), KEPT_AFTER_MS);
}

/** Show an error in the user's language. Anything but a refusal by the server counts as a bug. */
export async function toastError(error: unknown): Promise<void> {
  const { text, way_on } = await errorTexts(error instanceof ApiError ? error.code : 'internal');
  toast('error', text, way_on);
}

/**
 * The text and advice for an error code; newer servers may have unknown codes. Never fails: if the
 * texts cannot be loaded, it reports a missing network.
 */
export async function errorTexts(code: string): Promise<{ text: string; way_on: string }> {
  try {
    await loadAreas('errors');
  } catch {
    return { text: t('common.no_connection.text'), way_on: t('common.no_connection.way_on') };
  }
  const known = hasText(`errors.${code}.text`) ? code : 'internal';
  return { text: t(`errors.${known}.text`), way_on: t(`errors.${known}.way_on`) };
}
