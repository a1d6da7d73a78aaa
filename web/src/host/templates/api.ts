/** Quizzes to begin with, in the host's language. */
import { api } from '@/api/client';
import { activeLocale } from '@/i18n';
import { ask } from '@/session/ask';

import type { QuizView, TemplateLine } from '../types';

/** The one that shows everything. */
export const TOUR = 'tour';

export async function loadTemplates(): Promise<TemplateLine[]> {
  const query = { language: activeLocale() };
  return (await ask(() => api.GET('/api/v1/templates', { params: { query } }))).items;
}

/** A copy of a template as the host's own quiz. With the same key it is made once. */
export async function useTemplate(id: string, key: string): Promise<QuizView> {
  const params = { path: { template_id: id }, header: { 'Idempotency-Key': key } };
  const body = { language: activeLocale() };
  return await ask(() => api.POST('/api/v1/templates/{template_id}/quizzes', { params, body }));
}
