/** Refusals, from HTTP and from sockets alike: a stable code that texts exist for. */
import { ERROR_CODES, type ErrorCode } from '@/protocol/codes';
import type { components } from '@/protocol/http';

export type FieldProblem = components['schemas']['ProblemDetail'];

/** `offline`: nothing answered. `timeout`: nothing answered in time. */
export type ClientCode = ErrorCode | 'offline' | 'timeout';

export class ApiError extends Error {
  constructor(
    readonly code: ClientCode,
    message: string,
    readonly status = 0,
    readonly retryable = false,
    readonly problems: FieldProblem[] = [],
  ) {
    super(message);
    this.name = 'ApiError';
  }

  /** What is wrong with a field of the request, in the server's words. */
  at(field: string): string | undefined {
    return this.problems.find((problem) => problem.field === field)?.message;
  }
}

/** The error in a refused response: its problem document, or what the status alone says. */
export async function refusalIn(response: Response): Promise<ApiError> {
  const problem = (await response
    .clone()
    .json()
    .catch(() => ({}))) as Partial<components['schemas']['Problem']>;
  return new ApiError(
    knownCode(problem.code) ?? (response.status >= 500 ? 'unavailable' : 'internal'),
    problem.detail ?? response.statusText,
    response.status,
    problem.retryable ?? response.status >= 500,
    problem.problems ?? [],
  );
}

/** Codes that this client has texts for; a newer server may have more. */
export function knownCode(code: unknown): ErrorCode | undefined {
  return ERROR_CODES.find((known) => known === code);
}
