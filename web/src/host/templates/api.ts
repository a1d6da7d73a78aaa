/** Quiz templates in the host's language. */
import { api } from '@/api/client';
import { activeLocale } from '@/i18n';
import { ask } from '@/session/ask';

import type { QuizView, TemplateLine } from '../types';

/** The template that shows every feature. */
export const TOUR = 'tour';

export async function loadTemplates(): Promise<TemplateLine[]> {
  const query = { language: activeLocale() };
  return (await ask(() => api.GET('/api/v1/templates', { params: { query } }))).items;
}

/** Copy a template to the host's quizzes. Idempotent by key. */
export async function useTemplate(id: string, key: string): Promise<QuizView> {
  const params = { path: { template_id: id }, header: { 'Idempotency-Key': key } };
  const body = { language: activeLocale() };
  return await ask(() => api.POST('/api/v1/templates/{template_id}/quizzes', { params, body }));
}
