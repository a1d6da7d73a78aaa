/** Reads the solution of a question from a reveal or report: options, a number, or texts. */

export interface NumberSolution {
  value: number;
  tolerance: number;
}

/** Indices of the right options, or all options in the right order; `null` for other types. */
export function rightOptions(solution: unknown): number[] | null {
  return Array.isArray(solution) && solution.every((item) => typeof item === 'number')
    ? solution
    : null;
}

/** The right number; `null` for other types. */
export function numberSolution(solution: unknown): NumberSolution | null {
  if (typeof solution !== 'object' || solution === null || !('value' in solution)) return null;
  const { value, tolerance = 0 } = solution as { value: number; tolerance?: number };
  return { value, tolerance };
}

/** The accepted texts, the author's main one first; empty for other types. */
export function acceptedTexts(solution: unknown): string[] {
  if (typeof solution !== 'object' || solution === null || !('accepted' in solution)) return [];
  return Array.isArray(solution.accepted) ? solution.accepted.map(String) : [];
}
