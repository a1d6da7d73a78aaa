/** The filter of the audit log, as entered and as sent. */
import type { Act, ActFilter } from '../types';

/** All acts, in the order of the list. */
export const ACTIONS = [
  'account.register',
  'account.sign_in',
  'account.sign_out',
  'account.password_change',
  'account.password_reset',
  'account.email_change',
  'account.email_verify',
  'account.profile_change',
  'account.deletion_plan',
  'account.deletion_cancel',
  'account.export',
  'session.end',
  'session.end_others',
  'identity.link',
  'identity.unlink',
  'passkey.add',
  'passkey.rename',
  'passkey.remove',
  'authenticator_app.add',
  'authenticator_app.remove',
  'recovery_codes.renew',
  'api_token.create',
  'api_token.revoke',
  'quiz.create',
  'quiz.change',
  'quiz.delete',
  'quiz.import',
  'quiz.export',
  'quiz.library_add',
  'quiz.library_remove',
  'media.delete',
  'invitation.create',
  'invitation.revoke',
  'invitation.accept',
  'member.remove',
  'team.create',
  'team.rename',
  'team.delete',
  'run.open',
  'run.start',
  'run.end',
  'run.settings_change',
  'run.player_remove',
  'run.player_let_back',
  'run.players_admit',
  'run.player_decline',
  'run.extra_time',
  'run.answers_moderate',
  'run.correct',
  'run.export',
  'admin.account_change',
  'admin.account_sign_out',
  'admin.factors_remove',
  'acts.export',
  'operator.run_command',
  'operator.command',
] as const satisfies readonly Act[];

/** Fails to compile if the server has an act that is missing above. */
type Missing = Exclude<Act, (typeof ACTIONS)[number]>;
export const complete: [Missing] extends [never] ? true : Missing = true;

export interface GivenFilter {
  account: string;
  target: string;
  address: string;
  action: Act | '';
  outcome: '' | 'done' | 'refused';
  /** Local days: the first and the last one. */
  since: string;
  until: string;
}

export const NO_FILTER: GivenFilter = {
  account: '',
  target: '',
  address: '',
  action: '',
  outcome: '',
  since: '',
  until: '',
};

/** Days are the host's: from the first one's midnight to the end of the last one. */
export function asFilter(given: GivenFilter): ActFilter {
  const filter: ActFilter = {};
  if (given.account) filter.account = given.account;
  if (given.target) filter.target = given.target;
  if (given.address) filter.address = given.address;
  if (given.action) filter.action = given.action;
  if (given.outcome) filter.refused = given.outcome === 'refused';
  if (given.since) filter.since = midnight(given.since, 0);
  if (given.until) filter.until = midnight(given.until, 1);
  return filter;
}

function midnight(day: string, later: number): number {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
  return new Date(year, month - 1, date + later).getTime();
}
