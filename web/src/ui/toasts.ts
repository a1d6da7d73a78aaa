/** Toasts. Errors say what happened and what to do about it. */
import { readonly, ref } from 'vue';

import { ApiError } from '@/api/problem';
import { hasText, loadAreas, t } from '@/i18n';

export interface Toast {
  id: number;
  kind: 'info' | 'success' | 'error';
  text: string;
  /** What the reader can do now. */
  way_on?: string;
  /** Something to do about it. It must be possible elsewhere too: toasts go by themselves. */
  action?: ToastAction;
}

export interface ToastAction {
  label: string;
  run: () => void;
}

const SHOWN_MS = { info: 4_000, success: 3_000, error: 8_000 };
const SHOWN_WITH_ACTION_MS = 10_000;
const AT_ONCE = 3;
/** What is loaded for the page itself goes first. */
const KEPT_AFTER_MS = 3_000;

const list = ref<Toast[]>([]);
let lastId = 0;

export const toasts = readonly(list);

export function toast(kind: Toast['kind'], text: string, way_on?: string): void {
  if (list.value.some((shown) => shown.text === text && shown.kind === kind)) return;
  show({ kind, text, ...(way_on ? { way_on } : {}) }, SHOWN_MS[kind]);
}

/** A message that something can be done about at once, such as undoing it. The last one only. */
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

/** Have the sentences at hand before the network is gone. */
export function keepErrorTexts(): void {
  setTimeout(() => void loadAreas('errors').catch(() => undefined), KEPT_AFTER_MS);
}

/** Show an error in the visitor's language. Anything but a refusal by the server is a fault. */
export async function toastError(error: unknown): Promise<void> {
  const { text, way_on } = await errorTexts(error instanceof ApiError ? error.code : 'internal');
  toast('error', text, way_on);
}

/**
 * The sentence for a code, and what can be done; a newer server may have codes without one. Never
 * fails: where the sentences cannot be loaded there is no network, and that is what it says.
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
